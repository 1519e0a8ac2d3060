import { join } from "node:path";
import type { BuildPlan } from "@molecule/template-build";
import type { Isolation } from "./buildah-options.js";

/**
 * The files of one build, in the directory that buildah runs in. Their names are ours, because buildah parses `--file` as
 * CSV and passes a Dockerfile whose name ends in `.in` to a preprocessor.
 */
export const buildFiles = {
  /** The build context, already filtered. */
  context: "context",
  /** Outside the context, which may lack it. */
  dockerfile: "Dockerfile",
  /** buildah writes the image ID to it. */
  idFile: "image-id",
  /** Empty, so that buildah does not filter the context again. */
  ignoreFile: "ignore",
} as const;

/** The name of the file with registry credentials. */
export const authFileName = "auth.json";

/** Returns the argument for the file with credentials in that directory. Without one, buildah uses its own logins. */
export function authArguments(directory: string | undefined): readonly string[] {
  return directory === undefined ? [] : [`--authfile=${join(directory, authFileName)}`];
}

/**
 * Returns the arguments of `buildah` for a build. They contain no secret.
 * @param more additional arguments, before the context
 */
export function buildArguments(
  plan: BuildPlan,
  isolation: Isolation,
  more: readonly string[],
): readonly string[] {
  const { platform, labels, target, buildArgs, fresh } = plan;
  const pairs = (option: string, values: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`]);
  return [
    "build",
    "--layers",
    // Without it, a failed or cancelled build leaves its containers and their mounts behind.
    "--force-rm",
    // The OCI format does not support HEALTHCHECK and SHELL.
    "--format=docker",
    // The proxy is for registries only: a step could print it or store it in the image.
    "--http-proxy=false",
    `--iidfile=${buildFiles.idFile}`,
    `--ignorefile=${buildFiles.ignoreFile}`,
    `--file=${buildFiles.dockerfile}`,
    `--platform=${platform}`,
    ...(isolation === undefined ? [] : [`--isolation=${isolation}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(fresh ? ["--no-cache", "--pull=always"] : ["--pull=missing"]),
    ...pairs("--label", labels),
    ...pairs("--build-arg", buildArgs),
    ...more,
    buildFiles.context,
  ];
}
