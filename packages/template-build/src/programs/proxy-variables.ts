import { type Env } from "@molecule/core";
import { configuredProxy, proxyExceptions } from "@molecule/node-edges";

const loopback = ["localhost", "127.0.0.0/8", "::1"];

/**
 * Returns the proxy variables for a program written in Go, which decides for each registry itself whether to use the proxy. Go's rules
 * agree with ours for the values returned here. Throws `CONFIG_INVALID`.
 */
export function proxyVariables(env: Env): Record<string, string> {
  const [https, http] = [configuredProxy(env, "https:"), configuredProxy(env, "http:")];
  return {
    ...(https === undefined ? {} : { https_proxy: https.href }),
    ...(http === undefined ? {} : { http_proxy: http.href }),
    no_proxy: [...proxyExceptions(env), ...loopback].join(","),
  };
}
