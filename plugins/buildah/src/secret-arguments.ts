import { symlink } from "node:fs/promises";
import { join } from "node:path";
import type { BuildPlan } from "@molecule/template-build";

/** The arguments for the secrets of a build. */
export interface SecretArguments {
  /** Where they are, never what they are. */
  readonly args: readonly string[];
  /** The environment that the arguments name. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A secret of a file stays there, one of a variable goes through buildah's environment: neither is written anywhere.
 * @param place where buildah runs. It gets links to the files, because buildah splits the argument at commas
 */
export async function secretArguments(
  secrets: BuildPlan["secrets"],
  place: string,
): Promise<SecretArguments> {
  const env: Record<string, string> = {};
  const args: string[] = [];
  for (const [index, [id, secret]] of Object.entries(secrets).entries()) {
    if ("file" in secret.place) {
      const link = `secret-${String(index)}`;
      await symlink(secret.place.file, join(place, link));
      args.push(`--secret=id=${id},src=${link}`);
      continue;
    }
    // Not by its own name: it may be one that means something to buildah.
    const name = `MOLECULE_BUILD_SECRET_${String(index)}`;
    env[name] = Buffer.from(secret.value).toString("utf8");
    args.push(`--secret=id=${id},env=${name}`);
  }
  return { args, env };
}
