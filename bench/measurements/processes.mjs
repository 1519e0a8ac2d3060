// Eight processes request an image that does not exist yet: one of them builds it. The lower bound for eight: one
// builds, and seven only start and send the two requests. The same with the command sending the requests shows
// the cost of waiting for each other.
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const oneRequest = fileURLToPath(new URL("../children/one-request.mjs", import.meta.url));
const count = 8;

const one = "molecule-image ensure";
const nextToPlans = `${one}, next to ${count - 1} × molecule-image plan`;
const floor = `${one}, next to ${count - 1} × one request and one inspection, in node`;

function processes(template, rounds, when) {
  const all = `${count} concurrent molecule-image ensure`;
  return {
    name: `processes-${template}`,
    title: `Cold build by ${count} concurrent processes: ${templates[template].what}`,
    when,
    rounds,
    ours: all,
    targets: [
      { of: all, against: one, atMost: 1.2 },
      { of: floor, against: one, atMost: undefined },
      { of: nextToPlans, against: one, atMost: undefined },
      { of: all, against: nextToPlans, atMost: undefined },
    ],
    async contenders(stage) {
      await stage.serve(template);
      const socketPath = stage.env.DOCKER_HOST.slice("unix://".length);
      const before = async () => {
        await stage.clean();
        await stage.touch(template);
      };
      return [
        { name: one, before, run: async () => void (await stage.ensure(template)) },
        {
          name: floor,
          before,
          run: async () =>
            void (await Promise.all([
              stage.ensure(template),
              ...Array.from({ length: count - 1 }, () =>
                run(process.execPath, [oneRequest, stage.lookUp(template), socketPath, "/version"], {
                  env: stage.env,
                }),
              ),
            ])),
        },
        {
          name: nextToPlans,
          before,
          run: async () =>
            void (await Promise.all([
              stage.ensure(template),
              ...Array.from({ length: count - 1 }, () => stage.plan(template)),
            ])),
        },
        {
          name: all,
          before,
          async run() {
            const texts = await Promise.all(
              Array.from({ length: count }, () => stage.ensure(template, undefined, ["--json"])),
            );
            const built = texts.filter((text) => JSON.parse(text).results[0].image.cached === false).length;
            if (built !== 1) throw new Error(`${built} of ${count} processes built the image`);
          },
        },
      ];
    },
  };
}

export const manyProcesses = [processes("tiny", 5), processes("files-10000", 2, "full")];
