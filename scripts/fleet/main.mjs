// npm run fleet: counts what one new commit costs hosts that build on BuildKit builders and push into a registry.
// Options, after `--`: --hosts N, --builders N, --seconds N (of the spread), --json.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openFleet } from "./open-fleet.mjs";
import { tableOf } from "./table.mjs";

const number = { type: "string" };
const { values } = parseArgs({
  options: { hosts: number, builders: number, seconds: number, json: { type: "boolean" } },
});
const [hosts, builders, seconds] = [values.hosts ?? 30, values.builders ?? 3, values.seconds ?? 60].map(
  Number,
);
if (![hosts, builders, seconds].every((value) => value >= 1))
  throw new RangeError("--hosts, --builders and --seconds must be numbers from 1 on");

/** When the hosts start, and what happens to the builders. */
function scenariosOf(fleet) {
  let builder;
  return [
    {
      name: "at the same moment",
      afterwards: () => {
        [builder] = fleet.steps.begun;
      },
    },
    { name: `spread over ${seconds} s`, delayMs: (seconds * 1000) / hosts },
    { name: "their builder is down", prepare: () => fleet.killBuilder(builder) },
    {
      name: "their builder is killed",
      prepare: () => {
        fleet.steps.onBegun = (address) => {
          fleet.steps.onBegun = () => undefined;
          setTimeout(() => void fleet.killBuilder(address), 1_000);
        };
      },
    },
  ];
}

/** Runs `ensure` on every host after a new commit, and counts. */
async function measure(fleet, { name, delayMs = 0, prepare, afterwards }) {
  process.stderr.write(`${name} ...\n`);
  await fleet.restartBuilders();
  await fleet.commit();
  Object.assign(fleet.steps, { begun: [], finished: [], onBegun: () => undefined });
  await prepare?.();
  const before = await fleet.counts();
  const start = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: hosts }, async (_, index) => {
      await sleep(index * delayMs);
      return fleet.ensure(index);
    }),
  );
  const tookMs = performance.now() - start;
  const after = await fleet.counts();
  await afterwards?.();
  const images = outcomes.flatMap(({ image }) => image ?? []);
  return {
    name,
    hosts,
    ready: images.length,
    failures: outcomes.flatMap(({ failure }) => failure ?? []),
    builds: fleet.steps.finished.length,
    buildsBegun: fleet.steps.begun.length,
    requestedBuilds: images.filter(({ cached }) => !cached).length,
    digests: new Set(images.map(({ digest }) => digest)).size,
    ...Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - before[key]])),
    seconds: Math.round(tookMs / 1000),
  };
}

const fleet = await openFleet({ hosts, builders });
try {
  const results = [];
  for (const scenario of scenariosOf(fleet)) results.push(await measure(fleet, scenario));
  console.log(values.json ? JSON.stringify(results) : tableOf(results));
} finally {
  await fleet.stop();
}
