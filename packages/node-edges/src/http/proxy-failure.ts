import type { HttpProxy } from "./env-proxy.js";
import { ImageSourceError, type Transient } from "@molecule/core";

/** The failure of a proxy: its status, or the error of the connection to it. */
export type ProxyFault = { readonly status: number } | { readonly code: string };

/** The statuses of a gateway that cannot reach the server or is overloaded, which may be temporary. */
const passing: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** The codes of a proxy that restarts. */
const passingCodes: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNREFUSED"]);

/**
 * Returns a `SOURCE_UNREACHABLE` error: the proxy failed, not the server behind it.
 * @param url the requested URL
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
  const passes = "code" in fault ? passingCodes.has(fault.code) : passing.has(fault.status);
  return passes ? {} : undefined;
}
