// A thousand concurrent callers in one process.
import { inProcess } from "./warm-in-process.mjs";

const callers = 1000;
const all = `${callers} concurrent images.ensure()`;

export const crowd = {
  name: "crowd",
  title: "Hit: a thousand concurrent callers",
  rounds: 30,
  ours: all,
  targets: [{ of: all, against: "images.ensure()", atMost: 3 }],
  async results(stage, rounds) {
    const before = stage.front.seen;
    const results = await inProcess(stage, callers, rounds);
    // Two to build the image and to start, 202 to warm up, and one for each later turn.
    const expected = 2 + 2 * 101 + 2 * (rounds + 1);
    const lookUps = stage.front.seen - before;
    const notes = [`${lookUps} lookups; ${expected} if concurrent callers share one`];
    return Object.assign(results, { notes });
  },
};
