// The next commit: one file has changed since the last build, and caches are as that build left them. Each run has its
// own commit.
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const ours = "molecule-image ensure";
const keptClone = "git pull in a kept clone + docker build";
const gitUrl = "docker build <git url>";

function next(template, rounds) {
  return {
    name: `next-${template}`,
    title: `Next commit, one file changed: ${templates[template].what}`,
    rounds,
    ours,
    targets: [
      { of: ours, against: keptClone, atMost: 1.1 },
      { of: ours, against: gitUrl, atMost: 1 },
    ],
    async contenders(stage, peers) {
      await stage.serve(template);
      const { missing } = peers.docker;
      const { env, signal } = stage;
      const before = () => stage.touch(template);
      const url = stage.frontUrl(template);
      const clone = await stage.directory();
      await run("git", ["clone", "--quiet", url, clone], { env, signal });
      const build = (tag, place) =>
        run(peers.docker.file, ["build", "-q", "-t", tag, place], {
          env: { ...env, DOCKER_BUILDKIT: "1" },
          signal,
        });
      const pull = () => run("git", ["pull", "--quiet"], { cwd: clone, env, signal });
      return [
        { name: ours, before, run: async () => void (await stage.ensure(template)) },
        {
          name: keptClone,
          missing,
          before,
          run: async () => void (await pull(), await build("peer-clone", clone)),
        },
        { name: gitUrl, missing, before, run: async () => void (await build("peer-git", `${url}#main`)) },
      ];
    },
  };
}

export const nextCommits = [next("files-60", 11), next("files-5000", 5), next("files-20000", 3)];
