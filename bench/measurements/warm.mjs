// A hit as a whole process, and its lower bounds: starting node, and sending only the two requests.
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";

const oneRequest = fileURLToPath(new URL("../children/one-request.mjs", import.meta.url));
const ours = "molecule-image ensure";

export const warm = {
  name: "warm",
  title: "Hit: `molecule-image ensure` as a whole process",
  rounds: 31,
  ours,
  targets: [
    { of: ours, against: "node -e 0", atMost: undefined },
    { of: ours, against: "one request and one inspection, in node", atMost: 1.3 },
  ],
  async contenders(stage) {
    const { env, reference, lookUp } = await serveHit(stage, "tiny");
    const node = (args) => () => run(process.execPath, args, { env });
    return [
      { name: "node -e 0", run: async () => void (await node(["-e", "0"])()) },
      {
        name: "one request and one inspection, in node",
        run: async () =>
          void (await node([oneRequest, lookUp, env.DOCKER_HOST.slice(7), `/images/${reference}/json`])()),
      },
      { name: ours, run: async () => void (await stage.ensure("tiny", env)) },
    ];
  },
};

/** Builds the image, so that every later call is a hit. */
export async function serveHit(stage, name) {
  await stage.serve(name);
  const env = stage.frontEnv;
  const reference = (await stage.ensure(name, env)).trim();
  return { env, reference, lookUp: stage.lookUp(name) };
}
