import { configInvalid, type Env } from "@molecule/core";
import type { RepositoryOptions, TemplateRepository } from "../options/template-repository.js";

/** The variables that hold the tokens. */
export const tokenVariables = { gitea: "MOLECULE_GITEA_TOKEN", git: "MOLECULE_GIT_TOKEN" } as const;
const minLength = 8;

/** A token, and the variable that holds it. */
export interface ForgeToken {
  readonly variable: string;
  /** Unchecked. */
  readonly value: string | undefined;
}

/** Values of the Authorization header. */
export interface Authorization {
  readonly api: string;
  readonly git: string;
}

/** Returns the token for forges of this kind. */
export function tokenFor(forge: RepositoryOptions["forge"], env: Env): ForgeToken {
  const variable = tokenVariables[forge];
  return { variable, value: env[variable] };
}

/**
 * Returns the authorization for requests to the repository's origin; undefined without a token.
 * Throws `CONFIG_INVALID` for a malformed token, or one that would cross a network in clear text.
 */
export function authorizationFor(
  repository: Pick<TemplateRepository, "origin" | "isLoopback">,
  { variable, value: token }: ForgeToken,
): Authorization | undefined {
  if (token === undefined || token === "") return undefined;
  if (/[\r\n]$/.test(token)) {
    throw configInvalid(
      `${variable} ends with a line break, which is not part of a token`,
      `Remove the line break from ${variable}.`,
    );
  }
  if (token.length < minLength || !/^[\u0021-\u007e]+$/.test(token)) {
    throw configInvalid(
      `${variable} is not a token: it must be at least ${String(minLength)} printable characters without spaces`,
      `Copy the token again from the forge's settings, or unset ${variable}.`,
    );
  }
  if (repository.origin.startsWith("http:") && !repository.isLoopback) {
    throw configInvalid(
      `${variable} would be sent unencrypted to ${repository.origin}`,
      `Use an https:// address, or unset ${variable} if the templates are public.`,
    );
  }
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { api: `token ${token}`, git: `Basic ${basic}` };
}
