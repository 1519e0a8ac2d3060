import { parseImageReference, type Platform } from "@molecule/core";
import { labelNames, type BuildPlan } from "@molecule/template-build";
import type { BuildkitOptions } from "./buildkit-options.js";

/** The files of one build, in the directory that buildctl runs in. */
export const buildFiles = {
  /** The build context, already filtered. */
  context: "context",
  /** The directory of the Dockerfile, outside the context, which may lack it. */
  dockerfileDirectory: "dockerfile",
  dockerfile: "dockerfile/Dockerfile",
  /** Empty: it takes precedence over the context's own ignore file, so that BuildKit does not filter again. */
  ignoreFile: "dockerfile/Dockerfile.dockerignore",
  /** BuildKit's description of the result. */
  metadata: "metadata.json",
  /** The image, if it is not pushed. */
  archive: "image.tar",
} as const;

type CacheOptions = Pick<BuildkitOptions, "cacheFrom" | "cacheTo">;

/**
 * Returns the arguments of `buildctl` for a build. They contain no secret.
 * @param output the exporter, as in `--output`
 * @param more additional arguments
 */
export function buildArguments(
  plan: BuildPlan,
  options: CacheOptions,
  output: Readonly<Record<string, string>>,
  more: readonly string[],
): readonly string[] {
  const { platform, labels, target, buildArgs, fresh } = plan;
  const pairs = (kind: string, values: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(values).map(([key, value]) => `--opt=${kind}:${key}=${value}`);
  const variant = cacheVariant(plan);
  const cache = (
    verb: "export" | "import",
    where: CacheOptions["cacheTo"],
    end: "dest" | "src",
  ): readonly string[] =>
    where === undefined ? [] : [`--${verb}-cache=${csv(cacheFields(where, end, variant))}`];
  return [
    "build",
    "--progress=rawjson",
    "--frontend=dockerfile.v0",
    `--local=context=${buildFiles.context}`,
    `--local=dockerfile=${buildFiles.dockerfileDirectory}`,
    `--metadata-file=${buildFiles.metadata}`,
    `--output=${csv(output)}`,
    `--opt=platform=${platform}`,
    ...(target === undefined ? [] : [`--opt=target=${target}`]),
    ...(fresh ? ["--no-cache", "--opt=image-resolve-mode=pull"] : []),
    ...cache("export", options.cacheTo, "dest"),
    ...cache("import", options.cacheFrom, "src"),
    ...pairs("label", labels),
    ...pairs("build-arg", buildArgs),
    ...more,
  ];
}

/** Returns the arguments of `buildctl` for attestations. */
export function attestationArguments(attest: BuildkitOptions["attest"]): readonly string[] {
  const { provenance, sbom } = attest ?? {};
  return [
    ...(provenance === undefined ? [] : [`--opt=attest:provenance=mode=${provenance}`]),
    ...(sbom === undefined ? [] : [`--opt=attest:sbom=${sbom === true ? "" : `generator=${sbom}`}`]),
  ];
}

/** Returns the registry of the image that lists packages; empty if none does. */
export function attestationRegistries(attest: BuildkitOptions["attest"]): readonly string[] {
  const { sbom } = attest ?? {};
  if (sbom === undefined) return [];
  return [sbom === true ? "docker.io" : parseImageReference(sbom).registry];
}

/** Returns the registries that hold caches. */
export function cacheRegistries({ cacheFrom, cacheTo }: CacheOptions): readonly string[] {
  return [cacheFrom?.ref, cacheTo?.ref].flatMap((ref) =>
    ref === undefined ? [] : [parseImageReference(`${ref}:x`).registry],
  );
}

/** One cache for each runtime and platform: a newer one replaces the older one. */
function cacheVariant({ labels, platform }: { labels: BuildPlan["labels"]; platform: Platform }): string {
  return `${runtimeOf(labels)}-${platform.replaceAll("/", "-")}`;
}

/** Returns the runtime that an image with these labels is for. */
export function runtimeOf(labels: BuildPlan["labels"]): string {
  return labels[labelNames.runtime] ?? "";
}

function cacheFields(
  { type, ref, path, mode }: NonNullable<CacheOptions["cacheTo"]>,
  end: "dest" | "src",
  variant: string,
): Record<string, string> {
  return {
    type,
    ...(ref === undefined ? {} : { ref: `${ref}:${variant}` }),
    ...(path === undefined ? {} : { [end]: `${path}/${variant}` }),
    ...(mode === undefined || end === "src" ? {} : { mode }),
  };
}

/** buildctl parses these arguments as one record of CSV. */
function csv(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(",");
}
