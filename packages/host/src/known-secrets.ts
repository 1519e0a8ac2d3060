import type { Env } from "@molecule/core";
import { proxyVariables } from "./env-proxy.js";

export const tokenVariable = "MOLECULE_GITEA_TOKEN";

/** The secrets of an environment. Whether they can be used is for who uses them to say. */
export function knownSecrets(env: Env): readonly string[] {
  const token = env[tokenVariable] ?? "";
  return [token, ...proxyVariables.flatMap((name) => proxyPasswords(env[name] ?? ""))].filter(
    (secret) => secret !== "",
  );
}

function proxyPasswords(written: string): readonly string[] {
  // Not by the URL parser: what it would refuse must not be shown either.
  const [, password = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:]*:([^/]*)@/i.exec(written) ?? [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
