import { delimiter, isAbsolute, resolve } from "node:path";
import type { Env } from "@molecule/core";
import { proxyVariables } from "@molecule/template-build";

/*
 * The variables that buildah gets: those that locate the user's storage, registries and logins, and nothing else, so that
 * no build can read a token.
 */
const allowedVariables = [
  "HOME",
  "XDG_RUNTIME_DIR",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "TMPDIR",
  "CONTAINERS_CONF",
  "CONTAINERS_REGISTRIES_CONF",
  "CONTAINERS_STORAGE_CONF",
  "STORAGE_DRIVER",
  "STORAGE_OPTS",
  "REGISTRY_AUTH_FILE",
  "DOCKER_CONFIG",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
];

const notPaths: ReadonlySet<string> = new Set(["STORAGE_DRIVER", "STORAGE_OPTS", "SSL_CERT_DIR"]);

/** Returns the complete environment of every buildah process. */
export function buildahEnvironment(env: Env): Record<string, string> {
  const allowed = allowedVariables.flatMap((name) => {
    const value = env[name];
    if (value === undefined || value === "") return [];
    // A build runs in another directory.
    return [[name, notPaths.has(name) ? value : resolve(value)] as const];
  });
  const path = (env["PATH"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
  return {
    ...Object.fromEntries(allowed),
    // For registries only; the steps of a build do not get it.
    ...proxyVariables(env),
    PATH: path.join(delimiter),
    LC_ALL: "C",
  };
}
