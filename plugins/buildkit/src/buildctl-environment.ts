import { delimiter, isAbsolute, resolve } from "node:path";
import type { Env } from "@molecule/core";
import { proxyVariables } from "@molecule/template-build";

/*
 * The variables that buildctl gets: those that locate builders, Kubernetes and Docker, for the programs that it runs for
 * `kube-pod://` and `docker-container://`, and nothing else.
 */
const allowedVariables = [
  "BUILDKIT_HOST",
  "HOME",
  "TMPDIR",
  "DOCKER_HOST",
  "DOCKER_CERT_PATH",
  "DOCKER_TLS_VERIFY",
  "KUBECONFIG",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
];

const paths: ReadonlySet<string> = new Set(["HOME", "TMPDIR", "DOCKER_CERT_PATH", "SSL_CERT_FILE"]);

/** Returns the environment of every buildctl process, without `DOCKER_CONFIG`. */
export function buildctlEnvironment(env: Env): Record<string, string> {
  const allowed = allowedVariables.flatMap((name) => {
    const value = env[name];
    if (value === undefined || value === "") return [];
    // A build runs in another directory.
    return [[name, paths.has(name) ? resolve(value) : value] as const];
  });
  const path = (env["PATH"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
  return { ...Object.fromEntries(allowed), ...proxyVariables(env), PATH: path.join(delimiter), LC_ALL: "C" };
}
