import type { HttpProxy } from "./env-proxy.js";
import { ImageSourceError, type Transient } from "@molecule/core";

/** What a proxy failed with: the status that it returned, or what prevented the connection to it. */
export type ProxyFault = { readonly status: number } | { readonly code: string };

/** A gateway that cannot reach the server, or has too much to do, may manage the next time. */
const passing: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/**
 * `SOURCE_UNREACHABLE`: the proxy before a server failed, not the server.
 * @param url what was requested
 */
export function proxyFailed(
  url: string,
  proxy: HttpProxy,
  fault: ProxyFault,
  more: { readonly cause?: unknown; readonly output?: string | undefined } = {},
): ImageSourceError {
  return new ImageSourceError({
    code: "SOURCE_UNREACHABLE",
    message: `${url} cannot be reached: the proxy ${proxy.shown} ${whatHappened(fault)}`,
    hint: hintFor(url, proxy, fault),
    transient: transientOf(fault),
    ...more,
  });
}

function whatHappened(fault: ProxyFault): string {
  if ("code" in fault) return `cannot be reached: ${fault.code}`;
  if (fault.status === 407) return "requires a user and a password (407)";
  return `refused the connection with status ${String(fault.status)}`;
}

function hintFor(url: string, { variable, credentials }: HttpProxy, fault: ProxyFault): string {
  if ("code" in fault) return `Check the proxy's address in ${variable}, or list the host in NO_PROXY.`;
  if (fault.status === 407) {
    return credentials === undefined
      ? `Set ${variable} to http://USER:PASSWORD@HOST:PORT.`
      : `Correct the user and the password in ${variable}.`;
  }
  const { host } = new URL(url);
  return passing.has(fault.status)
    ? `Check that the proxy can reach ${host}, or list the host in NO_PROXY.`
    : `Allow ${host} on the proxy, or list the host in NO_PROXY.`;
}

function transientOf(fault: ProxyFault): Transient | undefined {
  const passes = "code" in fault ? fault.code === "ECONNRESET" : passing.has(fault.status);
  return passes ? {} : undefined;
}
