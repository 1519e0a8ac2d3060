import { unescape } from "node:querystring";
import { type Env } from "@molecule/core";
import { proxyVariables } from "@molecule/node-edges";

export const tokenVariable = "MOLECULE_GITEA_TOKEN";

/** Returns the secrets in an environment, valid or not. */
export function knownSecrets(env: Env): readonly string[] {
  const token = env[tokenVariable] ?? "";
  return [token, token.trim(), ...proxyVariables.flatMap((name) => proxyPasswords(env[name] ?? ""))].filter(
    (secret, index, all) => secret !== "" && all.indexOf(secret) === index,
  );
}

function proxyPasswords(written: string): readonly string[] {
  // Not with the URL parser: the password of an invalid URL must be masked, too.
  const [, password = ""] = /^\s*(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*:(.*)@/is.exec(written) ?? [];
  return [password, unescape(password)];
}
