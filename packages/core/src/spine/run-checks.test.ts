import { systemClock as clock } from "../watch/system-clock.js";
import { expect, test } from "@jest/globals";
import { ImageSourceError } from "../errors/errors.js";
import { amiss, fine, runChecks } from "./run-checks.js";

const edges = { clock, signal: new AbortController().signal, withinMs: 100 };
const forever = (): Promise<never> => new Promise(() => undefined);

test("findings keep the order of the checks; checks without findings are left out", async () => {
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 30));
  expect(
    await runChecks(
      [
        { id: "slow", run: async () => slow.then(() => fine("there")) },
        { id: "silent", run: async () => undefined },
        { id: "bad", run: async () => amiss("not there", "Put it there.") },
      ],
      edges,
    ),
  ).toEqual([
    { id: "slow", ok: true, message: "there", hint: "" },
    { id: "bad", ok: false, message: "not there", hint: "Put it there." },
  ]);
});

test("a check that rejects or never finishes becomes a finding", async () => {
  const error = new ImageSourceError({ code: "ENGINE_UNAVAILABLE", message: "gone", hint: "Start it." });
  let isAborted = false;
  const found = await runChecks(
    [
      { id: "typed", run: () => Promise.reject(error) },
      { id: "bug", run: () => Promise.reject(new RangeError("oh")) },
      {
        id: "endless",
        run: (signal) => {
          signal.addEventListener("abort", () => (isAborted = true));
          return forever();
        },
      },
    ],
    edges,
  );
  expect(found).toMatchObject([
    { id: "typed", ok: false, message: "gone", hint: "Start it." },
    { id: "bug", ok: false, message: "internal error: RangeError: oh" },
    { id: "endless", ok: false, message: "no response within 0.1 s" },
  ]);
  expect(isAborted).toBe(true);
});

test("a caller that aborts does not wait", async () => {
  const leave = new AbortController();
  const running = runChecks([{ id: "endless", run: forever }], {
    clock,
    signal: leave.signal,
    withinMs: 60_000,
  });
  leave.abort(new Error("left"));
  await expect(running).rejects.toThrow("left");
});
