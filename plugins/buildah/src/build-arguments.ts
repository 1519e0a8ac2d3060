import type { BuildPlan } from "@molecule/template-build";
import type { Isolation } from "./buildah-options.js";

/** Files of one build, as absolute paths. */
export interface BuildFiles {
  /** The build context, complete as it is. */
  readonly context: string;
  /** Gets the image's ID. */
  readonly idFile: string;
  /** Empty: what `.dockerignore` names has been left out already, and buildah's own rules shall not be applied to the rest. */
  readonly ignoreFile: string;
}

/**
 * The arguments of `buildah` for a build. No secret is among them: build arguments stay in the image's history anyway.
 * @param more others, before the context
 */
export function buildArguments(
  plan: BuildPlan,
  files: BuildFiles,
  isolation: Isolation,
  more: readonly string[],
): readonly string[] {
  const { dockerfile, platform, labels, target, buildArgs, fresh } = plan;
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
    `--iidfile=${files.idFile}`,
    `--ignorefile=${files.ignoreFile}`,
    `--file=${files.context}/${dockerfile}`,
    `--platform=${platform}`,
    ...(isolation === undefined ? [] : [`--isolation=${isolation}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...(fresh ? ["--no-cache", "--pull=always"] : ["--pull=missing"]),
    ...pairs("--label", labels),
    ...pairs("--build-arg", buildArgs),
    ...more,
    files.context,
  ];
}
