import type { BuildPlan } from "@molecule/template-build";
import type { Isolation } from "./buildah-options.js";

/**
 * Files of one build, by names of ours in the directory that buildah runs in: it reads `--file` as CSV, and sends a Dockerfile
 * whose name ends in `.in` through a preprocessor.
 */
export const buildFiles = {
  /** The build context, complete as it is. */
  context: "context",
  /** Outside the context, which may not have it. */
  dockerfile: "Dockerfile",
  /** Gets the image's ID. */
  idFile: "image-id",
  /** Empty: the context is filtered already, and buildah's own rules must not apply to the rest. */
  ignoreFile: "ignore",
} as const;

/**
 * The arguments of `buildah` for a build. No secret is among them: build arguments stay in the image's history anyway.
 * @param more others, before the context
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
    // Without it a build that fails, or is cancelled, leaves its containers and their mounts.
    "--force-rm",
    // OCI's format has no place for HEALTHCHECK and SHELL.
    "--format=docker",
    // The proxy is for the registries; what a step prints or keeps of it would be in the image.
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
