import { expect, test } from "@jest/globals";
import { silentLog } from "../contract/edges.js";
import { silentProgress } from "../contract/progress.js";
import { ImageSourceError } from "../errors/errors.js";
import { systemClock } from "../watch/system-clock.js";
import { withRetry } from "./with-retry.js";

const hurried = {
  ...systemClock,
  after: (_ms: number, callback: () => void) => systemClock.after(0, callback),
};

test("gives up once the condition can no longer last", async () => {
  const waits: number[] = [];
  const clock = {
    ...hurried,
    after: (ms: number, callback: () => void) => {
      waits.push(ms);
      return hurried.after(ms, callback);
    },
  };
  const call = { signal: new AbortController().signal, progress: silentProgress, log: silentLog };
  const transient = { withinMs: 4_000 };
  const failure = new ImageSourceError({
    code: "SOURCE_NOT_FOUND",
    message: "no branch",
    hint: "push it",
    transient,
  });
  await expect(withRetry("x", call, clock, () => Promise.reject(failure))).rejects.toMatchObject({
    code: "SOURCE_NOT_FOUND",
    // The delays are random: three or four of them last 4 s.
    message: expect.stringMatching(/no branch \(tried [45] times\)/),
  });
  expect(waits.reduce((all, one) => all + one, 0)).toBe(4_000);
});

test("continues if it cannot be determined whether there is an alternative", async () => {
  const call = { signal: new AbortController().signal, progress: silentProgress, log: silentLog };
  let tries = 0;
  const work = (): Promise<string> => {
    tries += 1;
    if (tries === 5) return Promise.resolve("done");
    const failure = { code: "SOURCE_UNREACHABLE", message: "down", hint: "wait", transient: {} } as const;
    return Promise.reject(new ImageSourceError(failure));
  };
  const hasAlternative = (): Promise<boolean> => Promise.reject(new Error("the engine is down"));
  expect(await withRetry("x", call, hurried, work, { hasAlternative })).toBe("done");
});
