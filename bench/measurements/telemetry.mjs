// The cost of the @molecule/telemetry observer when no SDK is registered: a hit with it, and a hit without.
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";
import { serveHit } from "./warm.mjs";

const ours = "with openTelemetryObserver(), no SDK";

export const telemetry = {
  name: "telemetry",
  title: "Hit in a running process: with an observer but no SDK, and without an observer",
  rounds: 1000,
  ours,
  targets: [{ of: ours, against: "without an observer", atMost: 1.02 }],
  async results(stage, rounds) {
    const { env } = await serveHit(stage, "tiny");
    const args = [stage.child("telemetry"), templates.tiny.runtime, String(rounds)];
    return JSON.parse(await run(process.execPath, args, { env, signal: stage.signal }));
  },
};
