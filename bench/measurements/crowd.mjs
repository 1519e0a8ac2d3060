// A thousand concurrent callers in one process.
import { inProcess } from "./warm-in-process.mjs";

const callers = 1000;
const all = `${callers} × images.ensure() at once`;

export const crowd = {
  name: "crowd",
  title: "A thousand callers at once, nothing has changed",
  rounds: 30,
  targets: [{ of: all, against: "images.ensure()", atMost: 3 }],
  async results(stage, rounds) {
    const before = stage.front.seen;
    const results = await inProcess(stage, callers, rounds);
    // Two to create the hit and to start, two hundred and two to warm up, and one for each turn after that.
    const expected = 2 + 2 * 101 + 2 * (rounds + 1);
    const looked = stage.front.seen - before;
    const notes = [`${looked} look-ups; ${expected} when each crowd joins into one`];
    return Object.assign(results, { notes });
  },
};
