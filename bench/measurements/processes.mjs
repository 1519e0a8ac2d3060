// Eight processes ask for an image that nobody has: one of them builds it.
import { templates } from "../templates.mjs";

const count = 8;

function processes(template, rounds, when) {
  const all = `${count} × molecule-image ensure at once`;
  return {
    name: `processes-${template}`,
    title: `${count} processes at once, nothing is there: ${templates[template].what}`,
    when,
    rounds,
    targets: [{ of: all, against: "molecule-image ensure", atMost: 1.2 }],
    async contenders(stage) {
      await stage.serve(template);
      const before = async () => {
        await stage.clean();
        await stage.touch(template);
      };
      return [
        { name: "molecule-image ensure", before, run: async () => void (await stage.ensure(template)) },
        {
          name: all,
          before,
          async run() {
            const texts = await Promise.all(
              Array.from({ length: count }, () => stage.ensure(template, stage.env, ["--json"])),
            );
            const built = texts.filter((text) => JSON.parse(text).results[0].image.cached === false).length;
            if (built !== 1) throw new Error(`${built} of ${count} processes have built the image`);
          },
        },
      ];
    },
  };
}

export const manyProcesses = [processes("tiny", 5), processes("files-10000", 2, "full")];
