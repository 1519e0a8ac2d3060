import { constants, open } from "node:fs/promises";
import { configInvalid, systemCode, systemWords, type SourceServices } from "@molecule/core";

/** Where to read the value of a build secret. */
export type SecretPlace = { readonly env: string } | { readonly file: string };

/** A secret for a build, and where its value comes from. */
export interface BuildSecret {
  readonly value: Uint8Array;
  readonly place: SecretPlace;
}

/** Keyed by the ID that `RUN --mount=type=secret,id=…` names. */
export type BuildSecrets = Readonly<Record<string, BuildSecret>>;

/** Each line of a secret is masked separately, in every line of output. */
const maxBytes = 32 * 1024;

/** Reads the values and masks them from then on. Rejects with `CONFIG_INVALID` if one is missing. */
export async function readBuildSecrets(
  places: Readonly<Record<string, SecretPlace>>,
  { env, mask }: Pick<SourceServices, "env" | "mask">,
): Promise<BuildSecrets> {
  const secrets: Record<string, BuildSecret> = {};
  for (const [id, place] of Object.entries(places)) {
    const value = "env" in place ? variable(id, place.env, env) : await content(id, place.file);
    for (const hidden of maskedTexts(value.toString("utf8"))) mask.add(hidden);
    secrets[id] = { value, place };
  }
  return secrets;
}

function variable(id: string, name: string, env: SourceServices["env"]): Buffer {
  const value = env[name] ?? "";
  if (value === "") throw secretUnreadable(id, `the variable ${name} is not set`, `Set ${name}`);
  return Buffer.from(value);
}

async function content(id: string, path: string): Promise<Buffer> {
  try {
    // A named pipe must not block the build.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await file.stat()).isFile())
        throw secretUnreadable(id, `${path} is not a regular file`, `Put the secret into ${path}`);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
      if (bytesRead <= maxBytes) return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw secretUnreadable(
      id,
      `${path}: ${systemWords(code)}`,
      `Make ${path} a file that this user can read`,
    );
  }
  throw secretUnreadable(id, `${path} is longer than ${String(maxBytes)} bytes`, `Shorten ${path}`);
}

/** Masks line by line as well: a key is printed as several lines. */
function maskedTexts(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [text, text.trim(), ...lines.filter((line) => line.length >= minLineLength)];
}

const minLineLength = 8;

function secretUnreadable(id: string, what: string, remedy: string): Error {
  return configInvalid(
    `the build secret ${JSON.stringify(id)} cannot be read: ${what}`,
    `${remedy}, or remove the secret from the option \`secrets\`.`,
  );
}
