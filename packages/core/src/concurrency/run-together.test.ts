import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { runTogether } from "./run-together.js";

const { signal } = new AbortController();
/** Rejects with the reason of the abort. */
const untilAborted = (own: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    own.addEventListener("abort", () => {
      reject(own.reason as Error);
    });
  });

test("runs the works at the same time, and returns their results in order", async () => {
  let isSecondRunning = (): void => undefined;
  const secondRuns = new Promise<void>((resolve) => (isSecondRunning = resolve));
  const results = await runTogether(
    signal,
    async () => {
      await secondRuns;
      return "a";
    },
    async () => {
      isSecondRunning();
      return Promise.resolve(2);
    },
  );
  expect(results).toEqual(["a", 2]);
});

test("a failure aborts the others, and is the result once they have ended", async () => {
  const failure = new Error("first");
  let hasEnded = false;
  const together = runTogether(
    signal,
    async (own) => {
      await untilAborted(own).catch(() => sleep(20));
      hasEnded = true;
      throw new Error("later");
    },
    () => Promise.reject(failure),
  );
  await expect(together).rejects.toBe(failure);
  expect(hasEnded).toBe(true);
});

test("an abort of the caller reaches all tasks", async () => {
  const caller = new AbortController();
  const together = runTogether(caller.signal, untilAborted, untilAborted);
  const reason = new Error("left");
  caller.abort(reason);
  await expect(together).rejects.toBe(reason);
});

test("a response that a task leaves open still ends with the caller's signal", async () => {
  const caller = new AbortController();
  const [ofResponse] = await runTogether(caller.signal, (own) => Promise.resolve(own));
  caller.abort();
  expect(ofResponse.aborted).toBe(true);
});
