// A hit with `forge: git`, whose lookup is one `git ls-remote`: as a whole process, and in a running one.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const gitAndEngine = fileURLToPath(new URL("../children/git-and-engine.mjs", import.meta.url));
const ours = "molecule-image ensure";
const floor = "git ls-remote and one inspection, in node";

export const gitHit = {
  name: "git-hit",
  title: "Hit with `forge: git`, as a whole process",
  rounds: 21,
  ours,
  targets: [{ of: ours, against: floor, atMost: 1.1 }],
  async contenders(stage) {
    await stage.serve("tiny");
    const { env, signal } = stage;
    const config = join(await stage.directory(), "git.json");
    await writeFile(config, '{ "options": { "gitea-local-build": { "forge": "git" } } }');
    const ensure = () => stage.ensure("tiny", env, ["--config", config]);
    const reference = (await ensure()).trim();
    const args = [gitAndEngine, stage.url("tiny"), env.DOCKER_HOST.slice("unix://".length), reference];
    return [
      { name: floor, run: async () => void (await run(process.execPath, args, { env, signal })) },
      { name: ours, run: async () => void (await ensure()) },
    ];
  },
};

const inProcess = "images.ensure()";

export const gitHitInProcess = {
  name: "git-hit-in-process",
  title: "Hit with `forge: git`: `images.ensure()` in a running process",
  rounds: 60,
  ours: inProcess,
  targets: [{ of: inProcess, against: "git ls-remote and one inspection", atMost: 1.1 }],
  async results(stage, rounds) {
    await stage.serve("tiny");
    const args = [stage.child("in-process-git"), templates.tiny.runtime, stage.url("tiny"), String(rounds)];
    return JSON.parse(await run(process.execPath, args, { env: stage.env, signal: stage.signal }));
  },
};
