// A hit in a long-running process. The lower bound is the two requests over kept-alive connections.
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";
import { serveHit } from "./warm.mjs";

/** The samples come from one process, which alternates between the contenders itself. */
export async function inProcess(stage, concurrency, rounds) {
  const { env, lookUp } = await serveHit(stage, "tiny");
  const args = [
    stage.child("in-process"),
    templates.tiny.runtime,
    lookUp,
    String(rounds),
    String(concurrency),
  ];
  return JSON.parse(await run(process.execPath, args, { env, signal: stage.signal }));
}

const ours = "images.ensure()";
const floor = "one HTTP request and one inspection";
const withLibrary = "the same, the request by node-fetch";

export const warmInProcess = {
  name: "warm-in-process",
  title: "Hit: `images.ensure()` in a running process, over open connections",
  rounds: 500,
  ours,
  targets: [
    { of: ours, against: floor, atMost: undefined },
    { of: withLibrary, against: floor, atMost: undefined },
    { of: ours, against: withLibrary, atMost: 1.25 },
    { of: ours, beyond: floor, atMostMs: 5 },
  ],
  results: (stage, rounds) => inProcess(stage, 1, rounds),
};
