import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import {
  isImageSourceError,
  parseDuration,
  parseRuntimeName,
  platformSetting,
  tryParse,
} from "@molecule/core";
import { configDefaults } from "./config-defaults.js";

/*
 * The configuration file without the options of sources, which their plugins check. Editors and
 * docs/operating/configuration.md show the descriptions; "Default: …" at the end states a default that is not a fixed value.
 */

/** Checks with one of core's parsers, so that each value has one grammar; `like` is an example for a value of another type. */
function parsedBy(parse: (text: string) => unknown, like: string) {
  return v.pipe(
    v.string(`must be text, such as ${JSON.stringify(like)}`),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      try {
        parse(dataset.value);
      } catch (error) {
        if (!isImageSourceError(error)) throw error;
        addIssue({
          message: `${error.message}; ${error.hint.charAt(0).toLowerCase()}${error.hint.slice(1)}`,
        });
      }
    }),
  );
}

const text = v.pipe(v.string(), v.minLength(1));
const sourceName = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is not the name of a source"));
const duration = parsedBy(parseDuration, "30m");
const runtimeName = v.pipe(
  v.string(),
  v.check(
    (name) => tryParse(parseRuntimeName, name) !== undefined,
    ({ input }) =>
      `${JSON.stringify(input)} is not a runtime name; use lower-case letters and digits, joined by '.', '_', '__' or '-', at most 63 characters`,
  ),
);

/** One duration, or one for each runtime. `default` is a valid name too. */
const durations = v.union(
  [duration, v.record(runtimeName, duration)],
  'must be text, such as "30m", or a map from runtimes and `default` to durations',
);

/** A key that may be left out. Its default is named here and filled in elsewhere: the layers below come first. */
function key<Schema extends v.GenericSchema>(
  schema: Schema,
  description: string,
  fallback?: v.InferInput<Schema>,
) {
  return v.pipe(v.optional(schema, fallback), v.description(description));
}

/** The whole file. Unknown keys are errors; whether a plugin has the name of a source is known when plugins are. */
export const configSchema = v.strictObject({
  $schema: key(v.string(), "JSON Schema of this file, for editors only."),
  sources: key(
    v.strictObject({
      registry: key(sourceName, "Source for registry mode.", configDefaults.sources.registry),
      local: key(sourceName, "Source for local mode.", configDefaults.sources.local),
    }),
    "Which source serves each mode.",
  ),
  plugins: key(
    v.array(text),
    "Package names, or paths that begin with `./` or `../`, resolved from this file's directory.",
    [...configDefaults.plugins],
  ),
  runtimes: key(
    v.strictObject({
      add: key(v.array(runtimeName), "Runtime names to allow in addition to the shipped ones.", [
        ...configDefaults.runtimes.add,
      ]),
    }),
    "The allowlist of runtimes.",
  ),
  platform: key(
    parsedBy(platformSetting, "linux/arm64"),
    "Same as `MOLECULE_IMAGE_PLATFORM`: `linux/ARCH[/VARIANT]`, or `native` (or empty) for the engine's own platform.",
    configDefaults.platform,
  ),
  timeout: key(
    durations,
    "Time limit for one image, such as `500ms`, `30s`, `5m`, `6h` or `1d`; at most 24 days. A map sets it per runtime: `{ default: 30m, hermes: 1h }`.",
    configDefaults.timeout,
  ),
  stallAfter: key(
    durations,
    "Fail with `STALLED` after this long without progress. Set it above 75 s, because engines retry silently for that long. A map sets it per runtime.",
    configDefaults.stallAfter,
  ),
  cacheDir: key(
    text,
    "Build cache directory, relative to this file. Default: the same as `MOLECULE_LOCAL_BUILD_CACHE`.",
  ),
  engine: key(text, "Address of the engine. Default: the engine that the docker CLI uses."),
  options: key(
    v.record(v.string(), v.record(v.string(), v.unknown())),
    "Options of each source, by source name.",
  ),
});

/** The part of the JSON Schema that needs no plugin. */
export function ownJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...toJsonSchema(configSchema, { target: "draft-2020-12", typeMode: "input", errorMode: "ignore" }),
  };
}
