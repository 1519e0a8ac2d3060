import { configInvalid, type Env } from "@molecule/core";
import { proxyVariables } from "./env-proxy.js";

export const tokenVariable = "MOLECULE_GITEA_TOKEN";
const minTokenLength = 8;

/** The secrets of an environment. Throws `CONFIG_INVALID` for a token that could not be hidden, or not be sent. */
export function knownSecrets(env: Env): readonly string[] {
  const token = env[tokenVariable] ?? "";
  if (token !== "" && !/^[\x21-\x7e]+$/.test(token)) {
    throw configInvalid(
      `${tokenVariable} holds blanks or control characters`,
      "Set it to the token alone, or unset it.",
    );
  }
  if (token !== "" && token.length < minTokenLength) {
    throw configInvalid(
      `${tokenVariable} has fewer than ${String(minTokenLength)} characters`,
      "Set it to a whole access token, or unset it.",
    );
  }
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
