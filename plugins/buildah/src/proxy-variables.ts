import { type Env } from "@molecule/core";
import { configuredProxy, proxyExceptions } from "@molecule/node-edges";

const loopback = ["localhost", "127.0.0.0/8", "::1"];

/**
 * The proxy variables of buildah, which contacts more registries than are known beforehand: it decides for each, by
 * Go's rules, which differ from ours in nothing that is written here. Throws `CONFIG_INVALID`.
 */
export function proxyVariables(env: Env): Record<string, string> {
  const [https, http] = [configuredProxy(env, "https:"), configuredProxy(env, "http:")];
  return {
    ...(https === undefined ? {} : { https_proxy: https.href }),
    ...(http === undefined ? {} : { http_proxy: http.href }),
    no_proxy: [...proxyExceptions(env), ...loopback].join(","),
  };
}
