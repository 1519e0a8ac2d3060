// The cost of the @molecule/telemetry observer when no SDK is registered: a hit with it, and a hit without.
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";
import { aHit } from "./warm.mjs";

const child = fileURLToPath(new URL("../children/telemetry.mjs", import.meta.url));

export const telemetry = {
  name: "telemetry",
  title: "Nothing has changed, in a running process: with an observer that tells nobody, and without one",
  rounds: 1000,
  targets: [{ of: "with openTelemetryObserver(), no SDK", against: "without an observer", atMost: 1.02 }],
  async results(stage, rounds) {
    const { env } = await aHit(stage, "tiny");
    const args = [child, templates.tiny.runtime, String(rounds)];
    return JSON.parse(await run(process.execPath, args, { env, signal: stage.signal }));
  },
};
