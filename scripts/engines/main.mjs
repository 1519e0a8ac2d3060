// npm run engines -- [names]: prepares root file systems, and starts these engines until Ctrl-C.
// npm run engines -- texts [names]: collects the messages of engines that cannot get an image.
import { once } from "node:events";
import { engineNames, findEngines, suitesOf } from "./catalog.mjs";
import { startInside } from "./inside.mjs";
import { programVersion } from "./probe.mjs";
import { prepareRoot, rootOf } from "./root-cache.mjs";

const serve = "scripts/engines/serve.mjs";
const [isTexts, names] =
  process.argv[2] === "texts" ? [true, process.argv.slice(3)] : [false, process.argv.slice(2)];

const wanted = findEngines(names.length === 0 ? ["all"] : names);

const problems = new Map();
for (const suite of suitesOf(wanted)) {
  const problem = prepareRoot(suite);
  if (problem !== undefined) problems.set(suite, problem);
}

if (isTexts && problems.size === 0) {
  const { collectTextsOf } = await import("./collect-texts.mjs");
  await collectTextsOf(wanted);
} else if (names.length === 0) {
  const width = Math.max(...engineNames.map((name) => name.length));
  for (const engine of wanted) {
    const problem = problems.get(engine.from);
    const state = problem === undefined ? `ready: ${await programVersion(engine)}` : `not ready: ${problem}`;
    console.log(`${engine.name.padEnd(width)}  ${engine.from.title}, ${state}`);
  }
  const [first] = engineNames;
  console.log(`Start one with: npm run engines -- ${first}`);
} else {
  for (const [suite, problem] of problems)
    console.error(`engines: cannot prepare ${suite.title}: ${problem}`);
  if (problems.size === 0) await serveUntilAsked();
}
process.exitCode ||= problems.size > 0 ? 1 : 0;

async function serveUntilAsked() {
  const children = [];
  const stop = () => {
    for (const child of children) if (child.connected) child.disconnect();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  const ends = wanted.map(async (engine) => {
    const child = startInside(engine, [serve, engine.kind], { stdio: ["ignore", 2, 2, "ipc"] });
    children.push(child);
    child.on("message", (message) => report(engine, message));
    const [status] = await once(child, "exit");
    if (status !== 0) {
      process.exitCode = 1;
      stop();
    }
  });
  await Promise.all(ends);
}

function report({ name, kind, from }, { problem, address, env, pid }) {
  if (problem !== undefined) {
    console.error(`engines: cannot start ${name}: ${problem}`);
    return;
  }
  if (kind === "docker") console.log(`${name}: DOCKER_HOST=${address}`);
  if (kind === "podman") console.log(`${name}: CONTAINER_HOST=${address}`);
  if (kind === "buildah") {
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    console.log(`${name}: nsenter --target=${pid} --mount env ${variables.join(" ")} buildah`);
  }
  console.error(`The programs are below ${rootOf(from)}. Press Ctrl-C to stop.`);
}
