import type { FileTree } from "../context/file-tree.js";
import { followInTree } from "../context/follow-in-tree.js";
import { readSmallFile } from "../context/read-small-file.js";
import { templateInvalid } from "../context/template-invalid.js";
import { declaredArguments } from "./declared-arguments.js";

/** The build arguments of a build, and where those come from that the configuration does not hold. */
export interface TemplateArguments {
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly fromFiles: readonly { readonly argument: string; readonly path: string; readonly value: string }[];
  /** The files that provide an argument which the Dockerfile does not declare, so that they have no effect. */
  readonly undeclared: readonly { readonly argument: string; readonly path: string }[];
}

/** The configuration of build arguments. */
export interface ArgumentOptions {
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Paths in the template, keyed by the argument that gets the first line of the file. */
  readonly buildArgsFrom: Readonly<Record<string, string>>;
}

/**
 * Returns the configured build arguments, and those that the Dockerfile declares and a template file provides. Throws
 * `TEMPLATE_INVALID` for such a file whose first line is not a usable value.
 */
export async function templateArguments(
  tree: FileTree,
  dockerfile: string,
  { buildArgs, buildArgsFrom }: ArgumentOptions,
): Promise<TemplateArguments> {
  const declared = declaredArguments((await readSmallFile(tree, dockerfile)) ?? "");
  const wanted = Object.entries(buildArgsFrom).filter(([argument]) => !Object.hasOwn(buildArgs, argument));
  const fromFiles: { argument: string; path: string; value: string }[] = [];
  const undeclared: { argument: string; path: string }[] = [];
  for (const [argument, path] of wanted) {
    const place = await followInTree(tree, path);
    if (!declared.has(argument)) {
      if (place.kind === "file") undeclared.push({ argument, path });
      continue;
    }
    if (place.kind === "outside") throw leadsOut(argument, path);
    if (place.kind !== "file") continue;
    const text = (await readSmallFile(tree, place.path)) ?? "";
    fromFiles.push({ argument, path, value: argumentValue(argument, path, text) });
  }
  const found = Object.fromEntries(fromFiles.map(({ argument, value }) => [argument, value] as const));
  return { buildArgs: { ...buildArgs, ...found }, fromFiles, undeclared };
}

function leadsOut(argument: string, path: string): Error {
  return templateInvalid(
    `${JSON.stringify(path)} of the template leads out of the template, so the build argument ${argument} has no value`,
    `Make ${path} a regular file, or a relative link to one in the same repository.`,
  );
}

const maxLength = 128;

function argumentValue(argument: string, path: string, text: string): string {
  const line = (text.split("\n", 1)[0] ?? "").trim();
  const value = argument === "RUNTIME_VERSION" ? bareVersion(line) : line;
  const wrong = whyUnusable(value);
  if (wrong === undefined) return value;
  throw templateInvalid(
    `the first line of ${JSON.stringify(path)} is not a value for the build argument ${argument}: ${wrong}`,
    `Put the value on the first line of ${path}, or remove ${argument} from the option \`buildArgsFrom\`.`,
  );
}

function whyUnusable(value: string): string | undefined {
  if (value === "") return "it is empty";
  if (value.length > maxLength) return `it is longer than ${String(maxLength)} characters`;
  return /^[\x20-\x7e]*$/.test(value) ? undefined : "it has characters other than printable ASCII";
}

/** `name@1.2` and `v1.2` are the version `1.2`. */
function bareVersion(line: string): string {
  return line
    .replace(/^.*@/s, "")
    .replace(/^v(?=\d)/, "")
    .trim();
}
