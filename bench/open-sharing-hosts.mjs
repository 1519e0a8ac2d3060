// Hosts that share their builds through one registry, each of them with one of some engines.
import { startPrivateEngine, startRegistry } from "@molecule/test-fixtures";
import { ask } from "../scripts/demo/engine-api.mjs";
import { run } from "./program.mjs";
import { startRegistryCounter } from "./registry-counter.mjs";
import { templates } from "./templates.mjs";

/** @param offersBuildkit whether the engines build with BuildKit, or with the classic builder */
export async function openSharingHosts(stage, { hosts, engines: count, offersBuildkit }) {
  const opened = [];
  const open = async (opening) => {
    const started = await opening;
    opened.unshift(started);
    return started;
  };
  const close = async () => {
    for (const started of opened) await started.stop();
  };
  let round = 0;
  try {
    const engines = [];
    while (engines.length < count) engines.push((await open(startPrivateEngine({ offersBuildkit }))).address);
    const counter = await open(startRegistryCounter((await open(startRegistry())).host));
    return { engines, next, close };

    /** All hosts request the next commit of the template, evenly spread over that time. */
    async function next(template, overMs) {
      round += 1;
      await stage.serve(template);
      await stage.touch(template);
      const share = { registry: `${counter.host}/shared`, push: true };
      const home = await stage.directory();
      const { runtime } = templates[template];
      const order = JSON.stringify({ runtime, engines, hosts, overMs, home, round, share });
      counter.take();
      const script = stage.child("sharing-hosts");
      const text = await run(process.execPath, [script, order], {
        env: stage.frontEnv,
        signal: stage.signal,
      });
      return summary(JSON.parse(text), counter.take());
    }
  } catch (error) {
    await close();
    throw error;
  }
}

async function summary(outcomes, { pushes, sent, received }) {
  // The last step of the template writes something random: each time that it is executed makes another layer.
  const layers = await Promise.all(
    outcomes.map(async ({ engine, imageId }) =>
      JSON.parse(await ask(engine, "GET", `/images/${imageId}/json`)).RootFS.Layers.at(-1),
    ),
  );
  return {
    builds: outcomes.filter(({ built }) => built).length,
    executions: new Set(layers).size,
    pulls: outcomes.filter(({ pulled }) => pulled).length,
    pushes,
    megabytesPushed: sent / 1e6,
    megabytesPulled: received / 1e6,
    firstMs: Math.min(...outcomes.map(({ readyMs }) => readyMs)),
    lastMs: Math.max(...outcomes.map(({ readyMs }) => readyMs)),
  };
}
