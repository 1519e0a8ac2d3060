import type { BuildPlan } from "@molecule/template-build";

/** How buildah is told of the secrets of a build. */
export interface SecretArguments {
  /** Where they are, never what they are. */
  readonly args: readonly string[];
  /** The environment that the arguments name. */
  readonly env: Readonly<Record<string, string>>;
}

/** A secret of a file stays there, one of a variable goes through buildah's environment: neither is written anywhere. */
export function secretArguments(secrets: BuildPlan["secrets"]): SecretArguments {
  const env: Record<string, string> = {};
  const args = Object.entries(secrets).map(([id, { value, place }], index) => {
    if ("file" in place) return `--secret=id=${id},src=${place.file}`;
    // Not by its own name: it may be one that means something to buildah.
    const name = `MOLECULE_BUILD_SECRET_${String(index)}`;
    env[name] = Buffer.from(value).toString("utf8");
    return `--secret=id=${id},env=${name}`;
  });
  return { args, env };
}
