// Injects random faults into the built parts for SOAK_MINUTES (default 5), and reports the results.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createImageProvider } from "../../packages/host/dist/index.js";
import giteaLocalBuild from "../../plugins/gitea-local-build/dist/index.js";
import registryPull from "../../plugins/registry-pull/dist/index.js";
import { root } from "../pnpm.mjs";
import { descriptors, partialFilesIn, processesOf, residentMiB } from "./census.mjs";
import { createRandom } from "./random.mjs";
import { runRound, runCommand } from "./scenarios.mjs";
import { openWorld, runtimes } from "./world.mjs";

const minutes = Number(process.env.SOAK_MINUTES ?? 5);
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 32);
if (!(minutes > 0)) throw new Error("SOAK_MINUTES must be a number greater than 0");
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());

const count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

async function soak(world) {
  const random = createRandom(seed);
  const plugins = [registryPull, giteaLocalBuild];
  const common = { cwd: world.directory, home: world.local.HOME, plugins };
  const providers = {
    local: await createImageProvider({ ...common, env: world.local }),
    remote: await createImageProvider({ ...common, env: world.remote }),
  };
  const first = JSON.parse(
    (await runCommand(["ensure", runtimes[0], "--json"], world.local, world.directory)).stdout,
  );
  await world.publish(first.results[0].image.reference);
  for (const provider of Object.values(providers)) await provider.ensure(runtimes[0]);

  const before = { descriptors: await descriptors(), residentMiB: residentMiB() };
  const tally = { rounds: 0, faults: new Map(), codes: new Map(), failures: [] };
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end && !interrupted.signal.aborted) {
    const { fault, codes, after } = await runRound(world, random, providers);
    tally.rounds += 1;
    count(tally.faults, fault.replace(/ \(.*/, ""));
    for (const code of codes.flatMap((text) => text.split(" "))) count(tally.codes, code);
    const isBug = codes.some((code) => /INTERNAL|untyped|^exit/.test(code));
    if (after !== "ok" || isBug)
      tally.failures.push(`round ${tally.rounds}, ${fault}: ${codes.join()} then ${after}`);
    process.stderr.write(`\r${tally.rounds} rounds, ${tally.failures.length} failures `);
  }
  process.stderr.write("\n");
  for (const runtime of runtimes) await providers.local.ensure(runtime);
  for (const provider of Object.values(providers)) await provider.close();
  const left = {
    processes: (await processesOf(world.local.HOME)).filter(
      (line) => !/docker|git-http|node .*main\.mjs/.test(line),
    ),
    partialFiles: await partialFilesIn(world.cache),
    descriptors: (await descriptors()) - before.descriptors,
    residentMiB: residentMiB() - before.residentMiB,
  };
  return { seed, minutes, ...tally, left };
}

function table({ seed: used, rounds, faults, codes, failures, left }) {
  const rows = (map) =>
    [...map].sort(([, one], [, other]) => other - one).map(([name, times]) => `| ${name} | ${times} |`);
  const kills = faults.get("SIGKILL") ?? 0;
  return [
    `${rounds} rounds in ${minutes} minutes, seed ${used}; ${kills} rounds with kill -9. A call after each fault had to succeed.`,
    "",
    "| fault | rounds |",
    "|---|---|",
    ...rows(faults),
    "",
    "| result of the call during the fault | times |",
    "|---|---|",
    ...rows(codes),
    "",
    "| left over at the end | |",
    "|---|---|",
    `| failed calls after a fault, and bugs | ${failures.length} |`,
    `| processes | ${left.processes.length} |`,
    `| partial files | ${left.partialFiles.length} |`,
    `| change in open file descriptors | ${left.descriptors} |`,
    `| change in memory (RSS, MiB) | ${left.residentMiB} |`,
  ].join("\n");
}

const world = await openWorld();
let status = 1;
try {
  const result = await soak(world);
  console.log(table(result));
  for (const line of [...result.failures, ...result.left.processes, ...result.left.partialFiles])
    console.log(line);
  if (process.env.SOAK_REPORT) await writeFile(join(root, process.env.SOAK_REPORT), `${table(result)}\n`);
  const { left, failures } = result;
  const isClean = failures.length + left.processes.length + left.partialFiles.length === 0;
  status = isClean && left.descriptors <= 8 && left.residentMiB < 64 ? 0 : 1;
} finally {
  await world.close();
}
process.exit(interrupted.signal.aborted ? 130 : status);
