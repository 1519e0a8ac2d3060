import type { GitEnvironmentParts } from "./git-environment-parts.js";
import { delimiter } from "node:path";
import { absoluteEntries } from "@molecule/node-edges";
import { gitConfiguration } from "./git-configuration.js";
import { traceVariable } from "./git-trace.js";
import { hiddenValue } from "./hidden-value.js";

/** The complete environment of every git process: nothing is inherited. */
export function gitEnvironment({
  env,
  remote,
  proxy,
  home,
  certificates,
}: GitEnvironmentParts): Record<string, string> {
  const configuration = gitConfiguration({ remote, proxy, certificates });
  return {
    PATH: absoluteEntries(env["PATH"]).join(delimiter),
    HOME: home,
    // Failures are recognised by git's own messages, in English.
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: "http:https",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_OPTIONAL_LOCKS: "0",
    ...traceVariable,
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_CEILING_DIRECTORIES: home,
    ...(certificates === undefined ? {} : { GIT_SSL_CAINFO: certificates }),
    // Not with -c: every user of the machine can read arguments, and `clone -c` writes them to .git/config.
    GIT_CONFIG_COUNT: String(configuration.length),
    ...Object.fromEntries(
      configuration.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${String(index)}`, key],
        [`GIT_CONFIG_VALUE_${String(index)}`, holdsSecret(key) ? hiddenValue(value) : value],
      ]),
    ),
  };
}

function holdsSecret(key: string): boolean {
  return key.endsWith(".extraHeader") || key === "http.proxy";
}
