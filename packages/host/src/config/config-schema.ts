import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { isImageSourceError, parseDuration, parsePlatform, parseRuntimeName } from "@molecule/core";
import { configDefaults } from "./config-defaults.js";

/*
 * Everything in the file except the options of sources, which their plugins check. Editors and docs/configuration.md
 * show the descriptions; "Default: …" at the end of one describes a default that is not a fixed value.
 */

/**
 * Checks with a parser of core, so that each value has one grammar. `like` is an example for values that are not
 * strings.
 */
function parsedBy(parse: (text: string) => unknown, like: string) {
  return z.string(`must be text, such as ${JSON.stringify(like)}`).superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      context.addIssue(`${error.message}; ${error.hint}`);
    }
  });
}

const text = z.string().min(1);
const sourceName = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is not a source name");
const duration = parsedBy(parseDuration, "30m");
const runtimeName = v.pipe(
  v.string(),
  v.check(
    isRuntimeName,
    ({ input }) =>
      `${JSON.stringify(input)} is not a runtime name: lower-case letters and digits, at most 63 characters`,
  ),
);

function isRuntimeName(name: string): boolean {
  try {
    parseRuntimeName(name);
    return true;
  } catch {
    context.addIssue(
      `${JSON.stringify(name)} is not a runtime name: use lower-case letters, digits, dots, underscores and dashes, at most 63 characters`,
    );
  }
}

/** An optional key. The default is only documentation here, because lower layers may set the value. */
function key<Schema extends z.ZodType>(schema: Schema, description: string, fallback?: unknown) {
  return schema.optional().meta({ description, ...(fallback === undefined ? {} : { default: fallback }) });
}

/** The whole file. Unknown keys are errors; source names are checked once the plugins are loaded. */
export const configSchema = z.strictObject({
  $schema: key(z.string(), "JSON Schema of this file, for editors only."),
  sources: key(
    z.strictObject({
      registry: key(sourceName, "Source for registry mode.", configDefaults.sources.registry),
      local: key(sourceName, "Source for local mode.", configDefaults.sources.local),
    }),
    "Which source serves each mode.",
  ),
  plugins: key(
    z.array(text),
    "Package names, or paths that begin with `./` or `../`, resolved from this file's directory.",
    configDefaults.plugins,
  ),
  runtimes: key(
    z.strictObject({
      add: key(
        z.array(runtimeName),
        "Runtime names to allow in addition to the shipped ones.",
        configDefaults.runtimes.add,
      ),
    }),
    "The allowlist of runtimes.",
  ),
  platform: key(
    parsedBy((written) => written === "" || parsePlatform(written), "linux/arm64"),
    "Same as `MOLECULE_IMAGE_PLATFORM`: `linux/ARCH[/VARIANT]`, or empty for the engine's own platform.",
    configDefaults.platform,
  ),
  timeout: key(
    duration,
    "Time limit for one image, such as `500ms`, `30s`, `5m`, `6h` or `1d`; at most 24 days.",
    configDefaults.timeout,
  ),
  stallAfter: key(
    duration,
    "Fail with `STALLED` after this long without progress. Set it above 75 s, because engines retry silently for that long.",
    configDefaults.stallAfter,
  ),
  cacheDir: key(
    text,
    "Build cache directory, relative to this file. Default: the same as `MOLECULE_LOCAL_BUILD_CACHE`.",
  ),
  engine: key(text, "Address of the engine. Default: the engine that the docker CLI uses."),
  options: key(
    z.record(z.string(), z.record(z.string(), z.unknown())),
    "Options of each source, by source name.",
  ),
});

/** Returns the part of the JSON Schema that does not depend on plugins. */
export function ownJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...toJsonSchema(configSchema, { target: "draft-2020-12", typeMode: "input", errorMode: "ignore" }),
  };
}
