import { configInvalid } from "@molecule/core";
import type { RepoPrefix } from "./repo-prefix.js";

/** The variable that holds the forge's token. */
export const tokenVariable = "MOLECULE_GITEA_TOKEN";
const minLength = 8;

/** Values of the Authorization header. */
export interface Authorization {
  readonly api: string;
  readonly git: string;
}

/**
 * Returns the authorization for requests to the prefix's origin; undefined without a token.
 * Throws `CONFIG_INVALID` for a malformed token, or one that would cross a network in clear text.
 */
export function authorizationFor(prefix: RepoPrefix, token: string | undefined): Authorization | undefined {
  if (token === undefined || token === "") return undefined;
  if (/[\r\n]$/.test(token)) {
    throw configInvalid(
      `${tokenVariable} ends with a line break, which is not part of a token`,
      `Remove the line break from ${tokenVariable}.`,
    );
  }
  if (token.length < minLength || !/^[\u0021-\u007e]+$/.test(token)) {
    throw configInvalid(
      `${tokenVariable} is not a token: it must be at least ${String(minLength)} printable characters without spaces`,
      `Copy the token again from the forge's settings, or unset ${tokenVariable}.`,
    );
  }
  if (prefix.origin.startsWith("http:") && !prefix.isLoopback) {
    throw configInvalid(
      `${tokenVariable} would be sent unencrypted to ${prefix.origin}`,
      `Use an https:// prefix, or unset ${tokenVariable} if the templates are public.`,
    );
  }
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { api: `token ${token}`, git: `Basic ${basic}` };
}
