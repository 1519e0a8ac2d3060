import { colds } from "./cold.mjs";
import { crowd } from "./crowd.mjs";
import { memory } from "./memory.mjs";
import { packing } from "./packing.mjs";
import { importHost } from "./import.mjs";
import { manyProcesses } from "./processes.mjs";
import { pull } from "./pull.mjs";
import { telemetry } from "./telemetry.mjs";
import { warm } from "./warm.mjs";
import { warmInProcess } from "./warm-in-process.mjs";
import { warmPeers } from "./warm-peers.mjs";

/** All measurements, in order. */
export const measurements = [
  warm,
  warmInProcess,
  telemetry,
  importHost,
  crowd,
  warmPeers,
  ...colds,
  packing,
  ...manyProcesses,
  pull,
  memory,
];
