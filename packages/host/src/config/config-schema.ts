import { z } from "zod";
import { isImageSourceError, parseDuration, parsePlatform, parseRuntimeName } from "@molecule/core";
import { configDefaults } from "./config-defaults.js";

/*
 * What the file holds beside the options of sources, which their plugins check. Descriptions are read by people in
 * their editors and in docs/configuration.md; one that ends in "Default: …" says a default that is no fixed value.
 */

/** Checks with one of core's parsers, so that there is one grammar for each value; `like` shows one to who wrote no text. */
function parsedBy(parse: (text: string) => unknown, like: string) {
  return z.string(`must be a text, as ${JSON.stringify(like)}`).superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      context.addIssue(`${error.message}; ${error.hint}`);
    }
  });
}

const text = z.string().min(1);
const sourceName = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is no source name");
const duration = parsedBy(parseDuration, "30m");
const runtimeName = z.string().superRefine((name, context) => {
  try {
    parseRuntimeName(name);
  } catch {
    context.addIssue(
      `${JSON.stringify(name)} is no runtime name: lower-case letters and digits, at most 63 characters`,
    );
  }
});

/** A key that may be left out. Its default is said here and filled in elsewhere: the layers below have a say first. */
function key<Schema extends z.ZodType>(schema: Schema, description: string, fallback?: unknown) {
  return schema.optional().meta({ description, ...(fallback === undefined ? {} : { default: fallback }) });
}

/** The whole file. Unknown keys are errors; whether a plugin has the name of a source is known when plugins are. */
export const configSchema = z.strictObject({
  $schema: key(z.string(), "Where an editor finds the JSON Schema of this file; it means nothing else."),
  sources: key(
    z.strictObject({
      registry: key(sourceName, "The source for registry mode.", configDefaults.sources.registry),
      local: key(sourceName, "The source for local mode.", configDefaults.sources.local),
    }),
    "Which source serves each mode.",
  ),
  plugins: key(
    z.array(text),
    "Package names, or paths that begin with `./` or `../`, both looked up from this file's directory.",
    configDefaults.plugins,
  ),
  runtimes: key(
    z.strictObject({
      add: key(z.array(runtimeName), "Runtime names besides the shipped ones.", configDefaults.runtimes.add),
    }),
    "The allowlist of runtimes.",
  ),
  platform: key(
    parsedBy((written) => written === "" || parsePlatform(written), "linux/arm64"),
    "As `MOLECULE_IMAGE_PLATFORM`: `linux/ARCH[/VARIANT]`; empty for the engine's own.",
    configDefaults.platform,
  ),
  timeout: key(
    duration,
    "For one image as a whole. `500ms`, `30s`, `5m`, `6h`, `1d`; at most 24 days.",
    configDefaults.timeout,
  ),
  stallAfter: key(
    duration,
    "How long nothing may be heard of an image that is being made: then it is `STALLED`. More than the 75 s for which engines try again in silence.",
    configDefaults.stallAfter,
  ),
  cacheDir: key(text, "Relative to this file. Default: as `MOLECULE_LOCAL_BUILD_CACHE`."),
  engine: key(text, "Address of the engine. Default: as the docker CLI."),
  options: key(
    z.record(z.string(), z.record(z.string(), z.unknown())),
    "Options of each source, under its name.",
  ),
});

/** The part of the JSON Schema that needs no plugin. */
export function ownJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(configSchema, { io: "input" });
}
