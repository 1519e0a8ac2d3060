import { unescape } from "node:querystring";
import { type Env } from "@molecule/core";
import { proxyVariables } from "@molecule/node-edges";

export const tokenVariable = "MOLECULE_GITEA_TOKEN";

/** The secrets of an environment. Whether they can be used is for who uses them to say. */
export function knownSecrets(env: Env): readonly string[] {
  const token = env[tokenVariable] ?? "";
  return [token, token.trim(), ...proxyVariables.flatMap((name) => proxyPasswords(env[name] ?? ""))].filter(
    (secret, index, all) => secret !== "" && all.indexOf(secret) === index,
  );
}

function proxyPasswords(written: string): readonly string[] {
  // Not by the URL parser: what it would refuse must not be shown either.
  const [, password = ""] = /^\s*(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*:(.*)@/is.exec(written) ?? [];
  return [password, unescape(password)];
}
