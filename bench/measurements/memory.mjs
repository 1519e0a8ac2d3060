// How much more peak memory a 1 GiB build needs than a small one, in one process.
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

const small = "a build of 2 MB";
const big = "then a build of 1 GiB";

export const memory = {
  name: "memory",
  title: "Peak memory of a process (RSS)",
  unit: "MiB",
  when: "full",
  rounds: 1,
  ours: big,
  targets: [{ of: big, beyond: small, atMostMs: 64 }],
  async results(stage) {
    await stage.serve("tiny");
    await stage.serve("gib-1");
    await stage.clean();
    const args = [stage.child("memory"), templates.tiny.runtime, templates["gib-1"].runtime];
    const { before, after } = JSON.parse(
      await run(process.execPath, args, { env: stage.env, signal: stage.signal }),
    );
    const result = (name, bytes) => ({ name, samples: [bytes / 2 ** 20], ...flat(bytes / 2 ** 20) });
    return [result(small, before), result(big, after)];
  },
};

const flat = (value) => ({ median: value, low: value, high: value, n: 1 });
