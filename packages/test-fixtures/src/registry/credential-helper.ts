import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A credential helper of the docker CLI: a program `docker-credential-<name>`. */
export interface CredentialHelper {
  /** Sets what it returns for a server; undefined means nothing. */
  set(server: string, reply: HelperReply | undefined): Promise<void>;
  /** The requests so far, such as `get 127.0.0.1:5000`. */
  calls(): Promise<readonly string[]>;
}

/** A credential helper's response for a registry. */
export interface HelperReply {
  /** `<token>`: the secret is an identity token. */
  readonly username: string;
  readonly secret: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Writes a helper into a directory, which must be in its callers' PATH. It starts without credentials. */
export async function writeCredentialHelper(directory: string, name: string): Promise<CredentialHelper> {
  const file = join(directory, `docker-credential-${name}`);
  const log = `${file}.log`;
  const replies = new Map<string, HelperReply>();

  async function write(): Promise<void> {
    const cases = [...replies].map(([server, { username, secret }]) => {
      const json = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
      return `${quoted(server)}) printf '%s\\n' ${quoted(json)};;`;
    });
    const script = [
      "#!/bin/sh",
      "server=$(cat)",
      `printf '%s %s\\n' "$*" "$server" >>${quoted(log)}`,
      'case "$server" in',
      ...cases,
      "*) echo credentials not found in native keychain; exit 1;;",
      "esac",
    ];
    // A running helper keeps using the script that it started with.
    await writeFile(`${file}.new`, `${script.join("\n")}\n`, { mode: 0o755 });
    await rename(`${file}.new`, file);
  }

  await write();
  return {
    async set(server, reply) {
      if (reply === undefined) replies.delete(server);
      else replies.set(server, reply);
      await write();
    },
    calls: async () =>
      (await readFile(log, "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
  };
}
