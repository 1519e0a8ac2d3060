// A hit in a long-running process. The lower bound is the two requests over kept-alive connections.
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";
import { aHit } from "./warm.mjs";

const child = fileURLToPath(new URL("../children/in-process.mjs", import.meta.url));

/** The samples come from one process, which alternates between the contenders itself. */
export async function inProcess(stage, atOnce, rounds) {
  const { env, lookUp } = await aHit(stage, "tiny");
  const args = [child, templates.tiny.runtime, lookUp, String(rounds), String(atOnce)];
  return JSON.parse(await run(process.execPath, args, { env, signal: stage.signal }));
}

const ours = "images.ensure()";
const floor = "one HTTP request and one inspection";
const withLibrary = "the same, the request by node-fetch";

export const warmInProcess = {
  name: "warm-in-process",
  title: "Nothing has changed: `images.ensure()` in a running process, connections kept",
  rounds: 500,
  targets: [
    { of: ours, against: floor, atMost: 1.3 },
    { of: withLibrary, against: floor, atMost: undefined },
    { of: ours, against: withLibrary, atMost: undefined },
    { of: ours, beyond: floor, atMostMs: 5 },
  ],
  results: (stage, rounds) => inProcess(stage, 1, rounds),
};
