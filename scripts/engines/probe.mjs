// Collects what an engine reports about itself.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startInside } from "./inside.mjs";

const facts = fileURLToPath(new URL("facts.mjs", import.meta.url));
const programs = { docker: "dockerd", podman: "podman", buildah: "buildah" };

/** The version that the engine's program reports, such as `28.5.2+dfsg4`, without starting it. */
export async function programVersion(engine) {
  const run =
    'process.stdout.write(require("node:child_process").execFileSync(process.argv[1], ["--version"]))';
  const child = startInside(engine, ["-e", run, programs[engine.kind]], { stdio: ["ignore", "pipe", 2] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  await once(child, "close");
  return /\d+\.[\w.+~-]*\w/.exec(text)?.[0] ?? "unknown version";
}

/** Starts the engine and returns its `version` and its `differences`; undefined if it does not start. */
export function engineFacts(engine) {
  return receive(startInside(engine, [facts, engine.kind], { stdio: ["ignore", 2, 2, "ipc"] }));
}

/** Does the same for the engine of this kind that is installed on this machine. */
export function machineFacts(kind) {
  return receive(fork(facts, [kind]));
}

async function receive(child) {
  let received;
  child.on("message", (message) => (received = message));
  await once(child, "close");
  return received;
}
