// The requests and bytes that 1,000 hosts send a forge, watching one template at the default interval of 5 minutes. Twenty
// hosts poll every second, and the cost of one poll is multiplied.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { spread } from "../compare.mjs";
import { templates } from "../templates.mjs";
import { startTrafficCounter } from "../traffic.mjs";

const hosts = 20;
const everyMs = 1000;
const windowMs = 5000;
const pollsPerHour = 1000 * (60 / 5);

/** The forge is the real one, without the cache in front of it. A sample is one window of some seconds. */
async function trafficOf(stage, forge, rounds) {
  await stage.serve("tiny");
  const counter = await stage.opened(startTrafficCounter(stage.forge.baseUrl), (started) => started.stop());
  const prefix = stage.forge.repoPrefix().replace(stage.forge.baseUrl, counter.baseUrl);
  const env = { ...stage.env, MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: prefix };
  // The hosts find an image, as they do in an hour without a new commit.
  await stage.ensure("tiny", env);
  const args = [stage.child("watchers"), templates.tiny.runtime, String(hosts), String(everyMs), forge];
  const child = spawn(process.execPath, args, {
    env,
    stdio: ["pipe", "pipe", "inherit"],
    signal: stage.signal,
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the watchers ended early");
    return value;
  };
  const polls = () => {
    child.stdin.write("\n");
    return nextLine().then(Number);
  };
  try {
    for (let ready = 0; ready < hosts; ready += 1) await nextLine();
    const samples = [];
    for (let round = 0; round < rounds; round += 1) {
      counter.take();
      const before = await polls();
      await delay(windowMs, undefined, { signal: stage.signal });
      const count = (await polls()) - before;
      const { connections, requests, sent, received } = counter.take();
      const perHour = (amount) => (amount / count) * pollsPerHour;
      samples.push({
        connections: perHour(connections),
        requests: perHour(requests),
        megabytes: perHour(sent + received) / 1e6,
      });
    }
    return samples;
  } finally {
    child.stdin.end();
    await ended;
  }
}

const measured = new WeakMap();
/** Each measurement serves both tables once. */
async function traffic(stage, rounds, table) {
  const last = measured.get(stage);
  if (last !== undefined && last.table !== table) {
    measured.delete(stage);
    return last.byForge;
  }
  const byForge = new Map();
  for (const forge of ["gitea", "git"]) byForge.set(forge, await trafficOf(stage, forge, rounds));
  measured.set(stage, { table, byForge });
  return byForge;
}

const row = (forge) => `forge: ${forge}`;
const result = (name, samples) => ({ name, samples, ...spread(samples) });

function table(name, title, unit, of, notes) {
  return {
    name,
    title,
    unit,
    rounds: 3,
    ours: [row("gitea"), row("git")],
    targets: [],
    async results(stage, rounds) {
      const byForge = await traffic(stage, rounds, name);
      const results = [...byForge].map(([forge, samples]) => result(row(forge), samples.map(of)));
      return Object.assign(results, { notes: notes(byForge) });
    },
  };
}

const scale = `${hosts} hosts polled every second for some seconds; one poll is multiplied by ${pollsPerHour} polls per hour`;

export const watchTraffic = [
  table(
    "watch-requests",
    "Requests to the forge from 1,000 hosts that watch one template, without a new commit",
    "requests per hour",
    ({ requests }) => requests,
    () => [scale],
  ),
  table(
    "watch-bytes",
    "Bytes to and from the forge for 1,000 hosts that watch one template, without a new commit",
    "MB per hour",
    ({ megabytes }) => megabytes,
    (byForge) => [
      scale,
      ...[...byForge].map(([forge, samples]) => {
        const { median } = spread(samples.map(({ connections }) => connections / pollsPerHour));
        return `${row(forge)}: ${median.toFixed(1)} connections per poll; with https, each also has a TLS handshake`;
      }),
    ],
  ),
];
