import { unescape } from "node:querystring";
import { configInvalid, type Env } from "@molecule/core";
import { isLoopback } from "./loopback.js";
import { isExceptedFromProxy } from "./proxy-exceptions.js";

/** The proxy that requests for a URL go through. */
export interface HttpProxy {
  /** For programs that take a URL: always has a port, and a password if there is a user. Contains secrets. */
  readonly href: string;
  readonly protocol: "http:" | "https:";
  /** The host, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Decoded; undefined if the variable names no user. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** For display: the user and the password are replaced by `***`. */
  readonly shown: string;
  /** The variable that the proxy comes from. */
  readonly variable: string;
}

/**
 * Returns the proxy for a URL, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; lower case takes precedence over upper
 * case, as in curl. Undefined if the URL is requested directly, as loopback always is. The only reader of these
 * variables. Throws `CONFIG_INVALID` for a proxy that is not an http or https URL.
 */
export function envProxy(env: Env, target: URL): HttpProxy | undefined {
  if (isLoopback(target.hostname) || isExceptedFromProxy(env, target)) return undefined;
  return configuredProxy(env, target.protocol);
}

/** Returns the proxy for `https:` or `http:`, whatever the host. Throws like {@link envProxy}. */
export function configuredProxy(env: Env, protocol: string): HttpProxy | undefined {
  const variable = candidates(env, protocol).find((name) => (env[name] ?? "").trim() !== "");
  return variable === undefined ? undefined : parseProxy((env[variable] ?? "").trim(), variable);
}

/** Returns the value of a proxy variable with its credentials masked. */
export function maskedProxy(written: string): string {
  return written.trim().replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1***@");
}

function candidates(env: Env, protocol: string): readonly string[] {
  if (protocol === "https:") return ["https_proxy", "HTTPS_PROXY"];
  // In a CGI program, HTTP_PROXY may contain the client's header `Proxy`.
  return (env["REQUEST_METHOD"] ?? "") === "" ? ["http_proxy", "HTTP_PROXY"] : ["http_proxy"];
}

function parseProxy(written: string, variable: string): HttpProxy {
  const refused = (why: string): Error =>
    configInvalid(
      `${variable} is ${JSON.stringify(maskedProxy(written))}, which cannot be used: ${why}`,
      `Set ${variable} to http://[USER:PASSWORD@]HOST:PORT, or unset it.`,
    );
  // eslint-disable-next-line no-control-regex -- rejects control characters on purpose
  if (/[\u0000-\u001f\u007f]/.test(written)) throw refused("it contains a line break or a control character");
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const [, scheme = ""] = /^([^:]*):/.exec(text) ?? [];
  if (!/^https?$/i.test(scheme)) throw refused(`only http and https proxies are supported, not ${scheme}`);
  if (!URL.canParse(text)) {
    throw refused(
      written.includes("@")
        ? "it is not a URL; write / ? # and @ in the password as %2F %3F %23 and %40"
        : "it is not a URL",
    );
  }
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(text);
  if (`${pathname}${search}${hash}`.includes("@")) {
    throw refused("write / ? # and @ in the password as %2F %3F %23 and %40");
  }
  const number = Number(port || (protocol === "https:" ? "443" : "80"));
  const place = `${hostname}:${String(number)}`;
  const hasUser = username !== "" || password !== "";
  // Lenient like curl: a raw % stands for itself.
  const credentials = hasUser ? { username: unescape(username), password: unescape(password) } : undefined;
  return {
    href: `${protocol}//${userInfo(credentials)}${place}`,
    protocol: protocol === "https:" ? "https:" : "http:",
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: number,
    credentials,
    shown: `${protocol}//${hasUser ? "***@" : ""}${place}`,
    variable,
  };
}

/** Always includes a colon, because git would prompt for a missing password. */
function userInfo(credentials: HttpProxy["credentials"]): string {
  if (credentials === undefined) return "";
  return `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`;
}
