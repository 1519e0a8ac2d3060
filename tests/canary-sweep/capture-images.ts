import { askEngine } from "./ask-engine.js";
import type { Run } from "./run-scenario.js";

export interface CapturedImage {
  readonly id: string;
  /** As the engine saves it: every layer, the configuration and the manifest. */
  readonly layers: Buffer;
  /** The inspection, with the labels. */
  readonly inspection: Buffer;
  readonly history: Buffer;
}

/** Returns the values of a key in the JSON output, each once. Omits `list`, which also prints images of other tests. */
export function printedValues(runs: readonly Run[], key: "imageId" | "reference"): readonly string[] {
  const printed = runs.filter(({ args: [command] }) => command !== "list").map(({ stdout }) => stdout);
  const found = printed.join("\n").matchAll(new RegExp(`"${key}":"(sha256:|molecule-local/)([^"]+)"`, "g"));
  return [...new Set([...found].map(([, start = "", rest = ""]) => start + rest))];
}

/** Reads from the engine every image that the commands printed. */
export function captureImages(address: string, runs: readonly Run[]): Promise<readonly CapturedImage[]> {
  return Promise.all(
    printedValues(runs, "imageId").map(async (id) => ({
      id,
      layers: await askEngine(address, "GET", `/images/${id}/get`),
      inspection: await askEngine(address, "GET", `/images/${id}/json`),
      history: await askEngine(address, "GET", `/images/${id}/history`),
    })),
  );
}
