// A cold start: no image, no checkout, no build cache. Each run has its own commit.
import { rm } from "node:fs/promises";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const ours = "molecule-image ensure";
const floor = "git fetch --depth 1 + docker build";

/**
 * @param when in which runs it is measured: always, or only in a full run
 * @param isSmall whether the parts of the lower bound, and the classic builder, are measured too
 */
function cold(template, rounds, { when, isSmall = false } = {}) {
  return {
    name: `cold-${template}`,
    title: `Cold build: ${templates[template].what}`,
    when,
    rounds,
    ours,
    targets: [{ of: ours, against: floor, atMost: 1 }],
    async contenders(stage, peers) {
      await stage.serve(template);
      let sha;
      let directory;
      const before = async () => {
        if (directory !== undefined) await rm(directory, { recursive: true });
        await stage.clean();
        sha = await stage.touch(template);
        directory = await stage.directory();
      };
      const build = (builder) =>
        run(peers.docker.file, ["build", "-q", "-t", "peer", directory], {
          env: { ...stage.env, DOCKER_BUILDKIT: builder },
          signal: stage.signal,
        });
      const fetch = () => stage.fetch(template, sha, directory);
      const { missing } = peers.docker;
      const contenders = [
        { name: ours, before, run: async () => void (await stage.ensure(template)) },
        { name: floor, missing, before, run: async () => void (await fetch(), await build("1")) },
        { name: "git fetch --depth 1", before, run: fetch },
        {
          name: "docker build",
          missing,
          before: async () => {
            await before();
            await fetch();
          },
          run: async () => void (await build("1")),
        },
      ];
      const classic = {
        name: "git fetch --depth 1 + docker build, classic",
        missing,
        before,
        run: async () => void (await fetch(), await build("0")),
      };
      return isSmall ? [...contenders, classic] : contenders.slice(0, 2);
    },
  };
}

export const colds = [
  cold("tiny", 7, { isSmall: true }),
  cold("files-200", 5, { isSmall: true }),
  cold("files-10000", 3),
  cold("gib-1", 2, { when: "full" }),
];
