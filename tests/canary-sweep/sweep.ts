import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { captureFiles, type CapturedFile } from "./capture-files.js";
import { captureImages, printedValues, type CapturedImage } from "./capture-images.js";
import { token } from "./canaries.js";
import { askEngine } from "./ask-engine.js";
import { engineScenarios } from "./engine-scenarios.js";
import { forgeScenarios } from "./forge-scenarios.js";
import { inputScenarios } from "./input-scenarios.js";
import { bin, runScenario, type Run } from "./run-scenario.js";
import type { Scenarios } from "./scenario.js";
import { startWorld, type World } from "./start-world.js";

/** Every scenario, in the order in which they run. */
export const scenarios: Scenarios = { ...engineScenarios, ...forgeScenarios, ...inputScenarios };

/** Everything that the commands left behind, captured before it was removed. */
export interface Sweep {
  /** By the names of {@link scenarios}. */
  readonly runs: Readonly<Record<string, readonly Run[]>>;
  /** Below the home, working and temporary directories, with one that contains the token. */
  readonly files: readonly CapturedFile[];
  readonly images: readonly CapturedImage[];
  /** The inspection of the container that was started. */
  readonly container: Buffer;
  /** The command lines of all processes, except those of the command itself, which the user types. */
  readonly commandLines: readonly string[];
  /** The argument of a process that the sweep started to see that the sampler works. */
  readonly controlArgument: string;
  /** The authorization headers that the forge received. */
  readonly authorizations: readonly (string | undefined)[];
  /** What the other origin and the proxy received. */
  readonly otherOrigin: string;
  readonly proxy: string;
}

/** The path of the one file that contains the token on purpose. */
export const controlFile = join("tmp", "control");

/** Runs every scenario on the engine, captures what is left, and removes it. */
export async function runSweep(engine: string): Promise<Sweep> {
  const world = await startWorld(engine);
  const runs: Record<string, Run[]> = {};
  try {
    for (const [name, scenariosOf] of Object.entries(scenarios)) {
      const group = (runs[name] = [] as Run[]);
      for (const scenario of scenariosOf(world)) group.push(await runScenario(world, scenario));
    }
    return await capture(world, runs);
  } finally {
    for (const name of [world.isolation, `${world.isolation}-busy`])
      await askEngine(engine, "DELETE", `/containers/${name}?force=1`);
    for (const reference of printedValues(Object.values(runs).flat(), "reference"))
      await askEngine(engine, "DELETE", `/images/${reference}?force=1`);
    await world.stop();
  }
}

async function capture(world: World, runs: Sweep["runs"]): Promise<Sweep> {
  const { directory, engine, forge, isolation, other, proxy, sampler } = world;
  const controlArgument = `canary-control-${randomBytes(4).toString("hex")}`;
  // Long enough for one sample, however little CPU time the sampler gets.
  const shell = spawn("/bin/sh", ["-c", "sleep 3", controlArgument]);
  await new Promise((resolve) => shell.on("close", resolve));
  await writeFile(join(directory, controlFile), `x${Buffer.from(`--${token}`).toString("base64")}`);
  return {
    runs,
    files: await captureFiles(directory),
    images: await captureImages(engine, Object.values(runs).flat()),
    container: await askEngine(engine, "GET", `/containers/${isolation}/json`),
    commandLines: (await sampler.stop()).filter((line) => !line.includes(bin)),
    controlArgument,
    authorizations: forge.requests.map(({ headers }) => headers.authorization),
    otherOrigin: other.received(),
    proxy: proxy.received(),
  };
}
