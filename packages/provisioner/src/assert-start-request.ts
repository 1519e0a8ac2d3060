import { objectFault, typeFaults, type EnsureOptions } from "@molecule/core";
import { assertFiles } from "./assert-files.js";
import { assertOptions } from "./assert-options.js";
import { usage } from "./container-error.js";
import { assertOurs } from "./owned-settings.js";
import type { StartRequest } from "./start-request.js";

/** Throws `USAGE` for values that no engine accepts, or that the library sets itself. Contacts nothing. */
export function assertStartRequest(request: StartRequest, options: EnsureOptions): void {
  assertTypes(request);
  assertImage(request);
  assertOptions(options, { signal: "signal", onProgress: "function", ...lookUpOptions });
  if (request.image !== undefined) refuseLookUpOptions(options);
  const { name, env = {}, labels = {}, create = {}, files = {} } = request;
  if (name !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(name)) {
    throw usage(
      `${JSON.stringify(name)} is not a container name`,
      "Use 2 to 128 letters, digits, '_', '.' and '-', beginning with a letter or digit.",
    );
  }
  for (const [key, value] of Object.entries(env)) {
    if (key === "" || /[=\0]/.test(key)) {
      throw usage(
        `${JSON.stringify(key)} is not the name of a variable`,
        "Use a name that is not empty and contains no '=' and no NUL character.",
      );
    }
    if (value.includes("\0")) {
      throw usage(`the value of the variable ${key} contains a NUL character`, "Remove it from the value.");
    }
  }
  assertOurs(labels, create);
  assertFiles(files);
}

/** Options that `ensure` checks and that have no effect with an image, because nothing is looked up for it. */
const lookUpOptions = {
  revision: "any",
  digest: "any",
  platform: "any",
  timeoutMs: "any",
  whenAborted: "any",
  plan: "any",
} as const;

function refuseLookUpOptions(options: EnsureOptions): void {
  const option = (Object.keys(lookUpOptions) as (keyof typeof lookUpOptions)[]).find(
    (name) => options[name] !== undefined,
  );
  if (option === undefined) return;
  throw usage(
    `\`${option}\` has no effect together with \`image\``,
    `Pass \`runtime\` instead of \`image\`, or pass \`${option}\` to \`ensure\`.`,
  );
}

/** For callers without types: the text "false", for example, would count as true. */
function assertTypes(request: StartRequest): void {
  const noObject = objectFault(request, "the request");
  if (noObject !== undefined) throw usage(noObject, "Pass an object with `runtime` or `image`.");
  const faults = typeFaults(request, {
    runtime: "string",
    name: "string",
    env: "object",
    labels: "object",
    autoRemove: "boolean",
    replace: "boolean",
    attach: "boolean",
    stdin: "boolean",
    terminal: "boolean",
    files: "object",
    create: "object",
    args: "any",
    image: "any",
  });
  const { args, env, labels }: { args?: unknown; env?: object | undefined; labels?: object | undefined } =
    request;
  if (args !== undefined && !(Array.isArray(args) && args.every(isText)))
    faults.push("`args` must be a list of strings");
  for (const [member, values] of Object.entries({ env, labels }))
    for (const [key, value] of Object.entries(values ?? {}))
      if (!isText(value)) faults.push(`\`${member}.${key}\` must be a string`);
  const [fault] = faults;
  if (fault !== undefined) throw usage(fault, "Correct the request.");
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** For callers without types. */
function assertImage({ runtime, image }: Partial<Record<"runtime" | "image", unknown>>): void {
  if (image === undefined) {
    if (typeof runtime === "string") return;
    throw usage(
      "the request has no runtime and no image",
      "Pass `runtime`, or a result of `ensure` as `image`.",
    );
  }
  const imageId: unknown = typeof image === "object" && image !== null && "imageId" in image && image.imageId;
  if (typeof imageId === "string" && /^sha256:[0-9a-f]{64}$/.test(imageId)) return;
  throw usage(
    "`image` is not a result of `ensure`",
    "Pass what `ensure` returned, or pass `runtime` instead.",
  );
}
