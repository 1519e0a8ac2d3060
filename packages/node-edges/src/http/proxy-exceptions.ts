import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { isAddressWithin, plainHost } from "./loopback.js";
import type { Env } from "@molecule/core";

/** Returns the entries of `NO_PROXY`, separated by commas or blanks. */
export function proxyExceptions(env: Env): readonly string[] {
  const written = [env["no_proxy"], env["NO_PROXY"]].find((value) => (value ?? "").trim() !== "") ?? "";
  return written
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
}

/**
 * Returns whether `NO_PROXY` matches a URL's host: `*`, a domain with its subdomains (`a.example`, `.a.example`,
 * `*.a.example`), an address, a range (`10.0.0.0/8`); with a port, only that port.
 */
export function isExceptedFromProxy(env: Env, { protocol, hostname, port }: URL): boolean {
  const host = plainHost(hostname);
  const targetPort = Number(port || (protocol === "https:" ? "443" : "80"));
  return proxyExceptions(env).some((entry) => {
    if (entry.includes("/")) return isAddressWithin(host, entry);
    const [, name = "", only] = /^(.*?)(?::(\d+))?$/s.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
    return (only === undefined || Number(only) === targetPort) && isNamed(host, name);
  });
}

function isNamed(host: string, written: string): boolean {
  if (written === "*") return true;
  const name = plainHost(written.replace(/^\*?\./, ""));
  if (isIP(host) !== 0 || isIP(name) !== 0) return host === name;
  const domain = domainToASCII(name);
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}
