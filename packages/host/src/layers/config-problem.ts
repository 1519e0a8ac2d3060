import { isAbsolute } from "node:path";
import { configInvalid } from "@molecule/core";

/** One problem with the configuration. */
export interface Problem {
  /** A file, `settings` for inline settings, `variable NAME`, `flag --name`, or `default` for a missing value. */
  readonly where: string;
  /** The dotted path inside the file; empty for the whole file. */
  readonly path: string;
  readonly what: string;
  /** Whether the published JSON Schema lists what may be written instead. Default: false. */
  readonly isInSchema?: boolean;
}

/**
 * Throws one `CONFIG_INVALID` that lists every problem. Returns if there are none.
 * @param hint what to do. Default: depends on where the problems are
 */
export function refuseProblems(problems: readonly Problem[], hint?: string): void {
  if (problems.length === 0) return;
  const listed = problems.map(({ where, path, what }) =>
    [where, path, what]
      .filter((part) => part !== "")
      .join(": ")
      .replace(/\.$/, ""),
  );
  const count = problems.length === 1 ? "" : `${String(problems.length)} problems: `;
  throw configInvalid(
    `the configuration is invalid: ${count}${listed.join("; ").replaceAll(/\s+/g, " ")}`,
    hint ?? hintFor(problems),
  );
}

function hintFor(problems: readonly Problem[]): string {
  if (problems.some(({ isInSchema }) => isInSchema === true))
    return "Correct the listed keys; schema/moleculerc.schema.json of @molecule/host lists the ones that exist.";
  const elsewhere = problems.filter(({ where }) => /^(?:variable|flag) /.test(where));
  if (elsewhere.length === problems.length) return "Correct the listed variable or flag.";
  if (elsewhere.length > 0) return "Correct the listed keys, variables and flags.";
  return problems.every(({ where, path }) => isAbsolute(where) && path === "")
    ? "Correct the file, or name another one."
    : "Correct the listed keys.";
}
