import { expect, test } from "@jest/globals";
import { silentLog } from "../contract/edges.js";
import { silentProgress } from "../contract/progress.js";
import { ImageSourceError } from "../errors/errors.js";
import { systemClock } from "../watch/system-clock.js";
import { withRetry } from "./with-retry.js";

test("continues if it cannot be determined whether there is an alternative", async () => {
  const clock = {
    ...systemClock,
    after: (_ms: number, callback: () => void) => systemClock.after(0, callback),
  };
  const call = { signal: new AbortController().signal, progress: silentProgress, log: silentLog };
  let tries = 0;
  const work = (): Promise<string> => {
    tries += 1;
    if (tries === 5) return Promise.resolve("done");
    const failure = { code: "SOURCE_UNREACHABLE", message: "down", hint: "wait", transient: {} } as const;
    return Promise.reject(new ImageSourceError(failure));
  };
  const hasAlternative = (): Promise<boolean> => Promise.reject(new Error("the engine is down"));
  expect(await withRetry("x", call, clock, work, { hasAlternative })).toBe("done");
});
