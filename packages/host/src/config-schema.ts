import { z } from "zod";
import { isImageSourceError, parseDuration, parsePlatform, parseRuntimeName } from "@molecule/core";

/** Checks with one of core's parsers, so that there is one grammar for each value. */
function parsedBy(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
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
const duration = parsedBy(parseDuration);
const runtimeName = z.string().superRefine((name, context) => {
  try {
    parseRuntimeName(name);
  } catch {
    context.addIssue(
      `${JSON.stringify(name)} is no runtime name: lower-case letters and digits, at most 63 characters`,
    );
  }
});
const pullPolicy = z.string().superRefine((policy, context) => {
  if (["missing", "always", "never"].includes(policy)) return;
  try {
    parseDuration(/^every_(.*)$/.exec(policy)?.[1] ?? "");
  } catch {
    context.addIssue(`${JSON.stringify(policy)} is none of missing, always, never and every_<duration>`);
  }
});

const registryPull = z.strictObject({
  tag: z
    .string()
    .regex(/^\w[\w.-]{0,127}$/, "is no tag")
    .optional()
    .describe("The tag that is pulled. Default: latest."),
  pullPolicy: pullPolicy.optional().describe("missing (default), always, never or every_<duration>."),
  pins: z
    .record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/, "is no digest (sha256: and 64 hex digits)"))
    .optional()
    .describe("Runtime name to the only digest that is accepted for it."),
});

const templateSource = z.strictObject({
  repoPrefix: text
    .optional()
    .describe("<base>/<org>/<start of the repository name>; the runtime name is appended."),
  branch: text.optional().describe("Default: the repository's default branch."),
  dockerfile: text.optional().describe("Path inside the template. Default: Dockerfile."),
  target: text.optional().describe("The build stage. Default: the last."),
  buildArgs: z
    .record(z.string(), z.string())
    .optional()
    .describe("Build arguments; they come from nowhere else."),
  allowSubmodules: z.boolean().optional().describe("Default: false."),
  allowLfs: z.boolean().optional().describe("Default: false."),
  allowedRegistries: z
    .array(text)
    .optional()
    .describe("Registries that base images may come from. Default: any."),
  whenForgeIsDown: z.enum(["fail", "last-good"]).optional().describe("Default: fail."),
  share: z
    .strictObject({ registry: text, push: z.boolean().optional() })
    .optional()
    .describe("A registry through which hosts share builds. Default: none."),
});

/** The whole file. Unknown keys are errors, but for the options of sources that are not shipped. */
export const configSchema = z.strictObject({
  sources: z
    .strictObject({ registry: sourceName.optional(), local: sourceName.optional() })
    .optional()
    .describe("Which source serves each mode. Default: registry-pull and gitea-local-build."),
  plugins: z
    .array(text)
    .optional()
    .describe("Package names, or paths relative to this file that begin with ./ or ../"),
  runtimes: z
    .strictObject({ add: z.array(runtimeName).optional() })
    .optional()
    .describe("Names besides the shipped ones."),
  platform: parsedBy((written) => written === "" || parsePlatform(written))
    .optional()
    .describe("os/arch[/variant]; empty for the engine's own. Default: linux/amd64."),
  timeout: duration.optional().describe("For one image as a whole. Default: 30m."),
  stallAfter: duration.optional().describe("How long silence may last. Default: 4m."),
  cacheDir: text
    .optional()
    .describe("Relative to this file. Default: molecule/workspace-template-build in the cache home."),
  engine: text.optional().describe("Address of the container engine. Default: as the docker CLI finds it."),
  options: z
    .object({
      "registry-pull": registryPull.optional(),
      "gitea-local-build": templateSource.optional(),
      podman: templateSource.optional(),
      buildah: templateSource.optional(),
    })
    .catchall(z.record(z.string(), z.unknown()))
    .optional()
    .describe("Options of each source, under its name."),
});

/** The JSON Schema of the file, as published in `schema/moleculerc.schema.json`. */
export function configJsonSchema(): object {
  return {
    title: "Configuration of molecule-image (.moleculerc)",
    ...z.toJSONSchema(configSchema, { io: "input" }),
  };
}
