import { BlockList, isIP } from "node:net";
import { configInvalid, type Env } from "@molecule/core";

/** The variables that may name a proxy, with or without a password in it. */
export const proxyVariables = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"] as const;

/**
 * The proxy for a URL, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; lower case outranks upper case, as in curl.
 * Loopback is never proxied. Throws `CONFIG_INVALID` for a proxy that is not an http or https URL.
 */
export function envProxy(env: Env, target: URL): URL | undefined {
  const names = target.protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  const name = names.find((candidate) => (env[candidate] ?? "") !== "");
  if (name === undefined || isLoopback(hostOf(target)) || isExcepted(env, target)) return undefined;
  const written = env[name] ?? "";
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const proxy = URL.canParse(url) ? new URL(url) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  throw configInvalid(`${name} is no http or https URL`, `Write http://HOST:PORT, or unset ${name}.`);
}

function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .toLowerCase();
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || within(host, "127.0.0.0/8") || host === "::1";
}

function isExcepted(env: Env, target: URL): boolean {
  const host = hostOf(target);
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  const entries = (env.no_proxy || env.NO_PROXY || "").toLowerCase().split(/[\s,]+/);
  return entries
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      if (entry.includes("/")) return within(host, entry);
      const [, name = "", entryPort = port] =
        /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
      const domain = name.replace(/^\*?\./, "");
      return entryPort === port && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
    });
}

function within(host: string, range: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}
