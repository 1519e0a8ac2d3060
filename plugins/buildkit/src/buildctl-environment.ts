import { delimiter, isAbsolute, resolve } from "node:path";
import type { Env } from "@molecule/core";
import { proxyVariables } from "@molecule/template-build";

/*
 * The variables that buildctl gets: those that locate builders, and those of the programs that it runs to reach them
 * (docker, podman, nerdctl, kubectl, ssh), and nothing else.
 */
const allowedVariables = [
  "BUILDKIT_HOST",
  "HOME",
  "TMPDIR",
  "DOCKER_HOST",
  "DOCKER_CERT_PATH",
  "DOCKER_TLS_VERIFY",
  "CONTAINER_HOST",
  "CONTAINERD_ADDRESS",
  "CONTAINERD_NAMESPACE",
  "KUBECONFIG",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  "SSH_AUTH_SOCK",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "XDG_RUNTIME_DIR",
];

const paths: ReadonlySet<string> = new Set(["HOME", "TMPDIR", "DOCKER_CERT_PATH", "SSL_CERT_FILE"]);

/**
 * Docker's configuration of every call but a build, which has a private one. It does not exist, so that all calls reach
 * the same engine: a build could not follow a context of this user either.
 */
const dockerConfiguration = "/nonexistent";

/** Returns the environment of every buildctl process. */
export function buildctlEnvironment(env: Env): Record<string, string> {
  const allowed = allowedVariables.flatMap((name) => {
    const value = env[name];
    if (value === undefined || value === "") return [];
    // A build runs in another directory.
    return [[name, paths.has(name) ? resolve(value) : value] as const];
  });
  const path = (env["PATH"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
  return {
    ...Object.fromEntries(allowed),
    ...proxyVariables(env),
    DOCKER_CONFIG: dockerConfiguration,
    PATH: path.join(delimiter),
    LC_ALL: "C",
  };
}
