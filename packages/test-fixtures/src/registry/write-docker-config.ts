import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes a docker configuration with a user and password; returns its directory. */
export async function writeDockerConfig(
  directory: string,
  host: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<string> {
  const auth = Buffer.from(`${user}:${password}`).toString("base64");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  return directory;
}
