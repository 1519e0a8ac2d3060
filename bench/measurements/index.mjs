import { colds } from "./cold.mjs";
import { crowd } from "./crowd.mjs";
import { gitHit, gitHitInProcess } from "./git-hit.mjs";
import { importHost } from "./import.mjs";
import { longLines } from "./long-line.mjs";
import { memory } from "./memory.mjs";
import { nextCommits } from "./next.mjs";
import { packing } from "./packing.mjs";
import { manyProcesses } from "./processes.mjs";
import { pull } from "./pull.mjs";
import { share } from "./share.mjs";
import { telemetry } from "./telemetry.mjs";
import { warm } from "./warm.mjs";
import { warmInProcess } from "./warm-in-process.mjs";
import { warmPeers } from "./warm-peers.mjs";
import { watchTraffic } from "./watch.mjs";

/** All measurements, in order. */
export const measurements = [
  warm,
  warmInProcess,
  gitHit,
  gitHitInProcess,
  telemetry,
  importHost,
  crowd,
  warmPeers,
  ...nextCommits,
  ...colds,
  packing,
  ...manyProcesses,
  pull,
  ...watchTraffic,
  share,
  ...longLines,
  memory,
];

/** Names for several measurements. `waits`: what users wait for, within ten minutes. */
export const groups = {
  waits: [
    "warm",
    "warm-in-process",
    "git-hit",
    "git-hit-in-process",
    ...nextCommits.map(({ name }) => name),
    "cold-tiny",
    "cold-files-200",
    "cold-files-10000",
    ...watchTraffic.map(({ name }) => name),
    ...longLines.map(({ name }) => name),
  ],
};
