import { symlink } from "node:fs/promises";
import { join } from "node:path";
import type { BuildSecrets } from "../image/build-secrets.js";

/** The arguments of `buildah` and `buildctl` for the secrets of a build. */
export interface SecretArguments {
  /** They name the secrets, and never contain a value. */
  readonly args: readonly string[];
  /** The variables that the arguments name. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the arguments for secrets without writing any value: a file is passed by its path, a variable through the program's
 * environment.
 * @param place the directory that the program runs in; gets links to the files, because programs split the argument at commas
 */
export async function secretArguments(secrets: BuildSecrets, place: string): Promise<SecretArguments> {
  const env: Record<string, string> = {};
  const args: string[] = [];
  for (const [index, [id, secret]] of Object.entries(secrets).entries()) {
    if ("file" in secret.place) {
      const link = `secret-${String(index)}`;
      await symlink(secret.place.file, join(place, link));
      args.push(`--secret=id=${id},src=${link}`);
      continue;
    }
    // Its own name may have a meaning for the program.
    const name = `MOLECULE_BUILD_SECRET_${String(index)}`;
    env[name] = Buffer.from(secret.value).toString("utf8");
    args.push(`--secret=id=${id},env=${name}`);
  }
  return { args, env };
}
