import type { Env } from "@molecule/core";

const loopback = ["localhost", "127.0.0.0/8", "127.0.0.1", "::1"];

/**
 * The proxy settings for git. In lower case, because curl takes `http_proxy` in no other; loopback is never
 * proxied.
 */
export function proxyEnvironment(env: Env): Record<string, string> {
  const valueOf = (name: string): string | undefined => {
    const values = [env[name.toLowerCase()], env[name]];
    return values.find((value) => value !== undefined && value !== "");
  };
  const answer: Record<string, string> = {};
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) {
    const value = valueOf(name);
    if (value !== undefined) answer[name.toLowerCase()] = value;
  }
  const exempt = valueOf("NO_PROXY");
  // curl understands the star only alone.
  answer["no_proxy"] =
    exempt?.trim() === "*" ? "*" : [...(exempt === undefined ? [] : [exempt]), ...loopback].join(",");
  return answer;
}
