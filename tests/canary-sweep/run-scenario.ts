import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { password, token, userinfo } from "./canaries.js";
import type { Scenario } from "./scenario.js";
import type { World } from "./start-world.js";

/** The built command. */
export const bin = fileURLToPath(new URL("../../packages/cli/bin/molecule-image", import.meta.url));

/** One command that ran. */
export interface Run {
  readonly args: readonly string[];
  /** The arguments and variables, for messages. */
  readonly what: string;
  readonly expected: number;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every setting known to make programs verbose. */
const loud = {
  DEBUG: "*",
  NODE_DEBUG: "http,https,net,tls,child_process",
  GIT_TRACE: "1",
  GIT_TRACE_CURL: "1",
  GIT_TRACE_PACKET: "1",
  GIT_TRACE_SETUP: "1",
  GIT_TRACE_REDACT: "0",
  GIT_CURL_VERBOSE: "1",
};

/** For a registry that no test pulls from. */
const registryCredentials = JSON.stringify({
  auths: { "registry.invalid": { auth: Buffer.from(`canary:${password}`).toString("base64") } },
});

export async function runScenario(world: World, scenario: Scenario): Promise<Run> {
  const { args, env = {}, faults = [], signal, status: expected } = scenario;
  const { directory, forge } = world;
  for (const [match, fault] of faults) forge.fault(match, fault);
  const before = forge.gitRequests().length;
  const child = spawn(bin, [...args.slice(0, 1), "--log-level", "debug", ...args.slice(1)], {
    cwd: join(directory, "work"),
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      HOME: join(directory, "home"),
      TMPDIR: join(directory, "tmp"),
      DOCKER_HOST: world.engine,
      DOCKER_AUTH_CONFIG: registryCredentials,
      HTTPS_PROXY: `http://${userinfo}@${world.proxy.host}`,
      MOLECULE_GITEA_TOKEN: token,
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: forge.repoPrefix(),
      MOLECULE_LOCAL_IMAGE_ISOLATION: world.isolation,
      GIT_TRACE2: join(directory, "home", "trace2"),
      ...loud,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (signal !== undefined) {
    while (forge.gitRequests().length === before) await sleep(10);
    child.kill(signal);
  }
  const status = await ended;
  forge.clearFaults();
  return { args, what: [...args, JSON.stringify(env)].join(" "), expected, status, stdout, stderr };
}
