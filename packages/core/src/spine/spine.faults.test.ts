import { systemClock as clock } from "../watch/system-clock.js";
import { describe, expect, test } from "@jest/globals";
import type { Recallable } from "../contract/capabilities.js";
import { silentLog, type Clock, type Log } from "../contract/edges.js";
import { ImageSourceError, type ErrorCode, type Transient } from "../errors/errors.js";
import type { Step } from "../errors/step.js";
import type { ImageSource, Missing, ReadyImage } from "../contract/image-source.js";
import { createKeyedLock } from "../concurrency/keyed-lock.js";
import { defaultPlatform } from "../values/platform.js";
import type { ProgressEvent } from "../contract/progress.js";
import { gate, imageId, recordingSource, spine } from "./spine.test.support.js";

function failure(code: ErrorCode, transient?: Transient): ImageSourceError {
  return new ImageSourceError({ code, message: `failed with ${code}`, hint: "wait", transient });
}

/** A clock that skips and records short delays. Long ones, of deadlines, never fire. */
function hurriedClock(): Clock & { pauses: number[] } {
  const pauses: number[] = [];
  return {
    ...clock,
    pauses,
    after: (milliseconds, callback) => {
      if (milliseconds < 60_000) pauses.push(milliseconds);
      return clock.after(milliseconds < 60_000 ? 0 : milliseconds, callback);
    },
  };
}

const slow = { timeoutMs: 600_000, stallAfterMs: 300_000 };

function loud(): Log & { infos: string[]; warnings: string[] } {
  const [infos, warnings]: [string[], string[]] = [[], []];
  const info = (message: string): void => void infos.push(message);
  const warn = (message: string): void => void warnings.push(message);
  return { ...silentLog, infos, warnings, info, warn };
}

describe("a temporary failure", () => {
  test.each(["resolve", "find", "provide"] as const)("is retried: %s", async (verb) => {
    let failures = 2;
    const missing: Missing = { hit: false, why: "not there" };
    const flaky = async (): Promise<never> => {
      if (failures-- > 0) throw failure("SOURCE_UNREACHABLE", {});
      return (verb === "find" ? missing : undefined) as never;
    };
    const source = recordingSource({ [verb]: flaky });
    const hurried = hurriedClock();
    const log = loud();
    const waits: ProgressEvent[] = [];
    const image = await spine(source, { ...slow, clock: hurried, log }).ensure("hermes", {
      onProgress: (event) => event.step === "wait" && waits.push(event),
    });
    expect(image).toMatchObject({ imageId });
    expect(hurried.pauses).toHaveLength(2);
    expect(hurried.pauses[0]).toBeGreaterThanOrEqual(375);
    expect(hurried.pauses[1]).toBeGreaterThan(700);
    // The progress shows them already.
    expect(log.warnings).toEqual([]);
    expect(log.infos).toEqual(Array(2).fill("temporary failure; retrying"));
    expect(waits.filter(({ type }) => type === "quiet")).toHaveLength(2);
  });

  const sum = (pauses: readonly number[]): number => pauses.reduce((all, one) => all + one, 0);

  test.each(["ensure", "plan", "refresh"] as const)(
    "of %s is retried for half a minute with growing delays, and the message states the attempts",
    async (verb) => {
      const source = recordingSource({ resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE", {})) });
      const hurried = hurriedClock();
      const provider = spine(source, { ...slow, clock: hurried });
      const failed: unknown = await provider[verb]("hermes").catch((error: unknown) => error);
      expect(failed).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: `failed with SOURCE_UNREACHABLE (tried ${String(source.calls.length)} times)`,
        step: "resolve",
      });
      expect(sum(hurried.pauses)).toBe(30_000);
      expect(Math.max(...hurried.pauses)).toBeLessThanOrEqual(10_000);
      expect(hurried.pauses.length).toBeGreaterThanOrEqual(6);
      expect(hurried.pauses.length).toBeLessThanOrEqual(10);
    },
  );

  test("of a server that restarts within 18 s passes", async () => {
    const hurried = hurriedClock();
    const source = recordingSource({
      resolve: async () => {
        if (sum(hurried.pauses) < 18_000) throw failure("SOURCE_UNREACHABLE", {});
        return undefined as never;
      },
    });
    expect(await spine(source, { ...slow, clock: hurried }).ensure("hermes")).toMatchObject({ imageId });
  });

  test("of slow work is retried three times, however long that takes", async () => {
    const hurried = hurriedClock();
    let nowMs = 0;
    const source = recordingSource({
      provide: async () => {
        nowMs += 75_000;
        throw failure("SOURCE_UNREACHABLE", {});
      },
    });
    const slowClock = { ...hurried, monotonicMs: () => nowMs };
    await expect(spine(source, { ...slow, clock: slowClock }).ensure("hermes")).rejects.toMatchObject({
      message: "failed with SOURCE_UNREACHABLE (tried 4 times)",
    });
  });

  test("ends at the deadline of the call, during a delay", async () => {
    const source = recordingSource({
      resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE", { afterMs: 20_000 })),
    });
    await expect(spine(source, { timeoutMs: 100 }).ensure("hermes")).rejects.toMatchObject({
      code: "TIMED_OUT",
      step: "wait",
    });
    expect(source.calls).toEqual(["resolve"]);
  });

  test("is not retried if the server requests more than what is left of the half minute", async () => {
    const hurried = hurriedClock();
    const source = recordingSource({
      resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE", { afterMs: 20_000 })),
    });
    await expect(spine(source, { ...slow, clock: hurried }).ensure("hermes")).rejects.toMatchObject({
      message: "failed with SOURCE_UNREACHABLE (the server asks to wait 20 s)",
    });
    expect(hurried.pauses).toEqual([20_000]);
  });

  test("is retried after the delay that the server requested, and not before", async () => {
    let failures = 1;
    const hurried = hurriedClock();
    const source = recordingSource({
      resolve: async () => {
        if (failures-- > 0) throw failure("SOURCE_UNREACHABLE", { afterMs: 7_000 });
        return undefined as never;
      },
    });
    await spine(source, { ...slow, clock: hurried }).ensure("hermes");
    expect(hurried.pauses).toEqual([7_000]);
  });

  test("is not retried if the server requests too long a delay: the caller decides", async () => {
    const hurried = hurriedClock();
    const source = recordingSource({
      resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE", { afterMs: 3_600_000 })),
    });
    await expect(spine(source, { ...slow, clock: hurried }).ensure("hermes")).rejects.toMatchObject({
      message: "failed with SOURCE_UNREACHABLE (the server asks to wait 3600 s)",
      hint: "Retry in 3600 s. wait",
    });
    expect(hurried.pauses).toEqual([]);
  });

  test("is the only kind of failure that is retried", async () => {
    const source = recordingSource({ resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE")) });
    await expect(spine(source).ensure("hermes")).rejects.toMatchObject({
      message: "failed with SOURCE_UNREACHABLE",
    });
    expect(source.calls).toEqual(["resolve"]);
  });

  test("is not retried once the caller has aborted, which ends the delay", async () => {
    const source = recordingSource({
      resolve: () => Promise.reject(failure("SOURCE_UNREACHABLE", { afterMs: 20_000 })),
    });
    const leaver = new AbortController();
    const abandoned = spine(source, slow).ensure("hermes", { signal: leaver.signal });
    while (source.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaver.abort();
    await expect(abandoned).rejects.toMatchObject({ code: "CANCELLED" });
    expect(source.calls).toEqual(["resolve"]);
  });
});

describe("an idle step", () => {
  test("fails with STALLED after the idle timeout, and names the step and the last progress", async () => {
    const source = recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("build", "it", async ({ output }) => {
          output("step 3 of 7");
          await gate().wait(signal);
          return undefined as never;
        }),
    });
    await expect(spine(source, { stallAfterMs: 60 }).ensure("hermes")).rejects.toMatchObject({
      code: "STALLED",
      step: "build",
      message: "no progress for 0.06 s; last progress: build: step 3 of 7",
    });
  });

  test("stays alive with any sign of progress", async () => {
    const source = recordingSource({
      provide: (_resolution, _found, { progress }) =>
        progress.step("pull", "it", async ({ amount }) => {
          for (let bytes = 0; bytes < 30; bytes++) {
            amount(bytes, undefined, "bytes");
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          return undefined as never;
        }),
    });
    expect(await spine(source, { stallAfterMs: 300 }).ensure("hermes")).toMatchObject({ imageId });
  });

  test("that announced a long pause does not stall before its next report", async () => {
    let announced = true;
    const source = recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("build", "it", async ({ output, quiet }) => {
          quiet("exporting");
          await new Promise((resolve) => setTimeout(resolve, 400));
          announced = !signal.aborted;
          output("exported");
          await gate().wait(signal);
          return undefined as never;
        }),
    });
    await expect(spine(source, { stallAfterMs: 150 }).ensure("hermes")).rejects.toMatchObject({
      code: "STALLED",
      message: expect.stringContaining("exported") as unknown,
    });
    expect(announced).toBe(true);
  });

  test("may be idle for as long as it allows itself, until it takes that back", async () => {
    let hasPassed = false;
    const source = recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("pull", "it", async ({ output, allowIdle }) => {
          allowIdle?.(60_000);
          output("a layer");
          await new Promise((resolve) => setTimeout(resolve, 400));
          hasPassed = !signal.aborted;
          allowIdle?.(undefined);
          output("the next");
          await gate().wait(signal);
          return undefined as never;
        }),
    });
    await expect(spine(source, { stallAfterMs: 100 }).ensure("hermes")).rejects.toMatchObject({
      code: "STALLED",
      message: "no progress for 0.1 s; last progress: pull: the next",
    });
    expect(hasPassed).toBe(true);
  });

  test("does not pass its allowance on to the next step", async () => {
    const source = recordingSource({
      provide: async (_resolution, _found, { progress, signal }) => {
        await progress.step("pull", "it", async ({ allowIdle }) => allowIdle?.(60_000));
        return progress.step("tag", "it", () => gate().wait(signal) as Promise<never>);
      },
    });
    await expect(spine(source, { stallAfterMs: 100 }).ensure("hermes")).rejects.toMatchObject({
      code: "STALLED",
      step: "tag",
    });
  });

  test("does not stall if the process was blocked: pending reports are read first", async () => {
    const source = recordingSource({
      provide: (_resolution, _found, { progress }) =>
        progress.step("build", "it", async ({ output }) => {
          output("one");
          const reported = new Promise((resolve) => setImmediate(resolve));
          // Like a terminal that is stopped with Ctrl-S.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
          await reported;
          output("two");
          return undefined as never;
        }),
    });
    expect(await spine(source, { stallAfterMs: 200 }).ensure("hermes")).toMatchObject({ imageId });
  });

  test("differs from one over its deadline: work that still reports fails with TIMED_OUT in its step", async () => {
    const source = recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("build", "it", async ({ output }) => {
          const timer = setInterval(() => output("still here"), 10);
          try {
            await gate().wait(signal);
            return undefined as never;
          } finally {
            clearInterval(timer);
          }
        }),
    });
    await expect(
      spine(source, { timeoutMs: 300, stallAfterMs: 5_000 }).ensure("hermes"),
    ).rejects.toMatchObject({ code: "TIMED_OUT", step: "build" });
  });
});

test("each runtime has its own deadline and idle timeout; the others have the default", async () => {
  const limits: number[] = [];
  const source = recordingSource();
  const provider = spine(source, {
    timeoutMs: { default: 600_000, hermes: 700_000 },
    stallAfterMs: { default: 300_000, codex: 400_000 },
    clock: {
      ...clock,
      after: (milliseconds, callback) => {
        limits.push(milliseconds);
        return clock.after(milliseconds, callback);
      },
    },
  });
  await provider.ensure("hermes");
  expect(limits.splice(0)).toEqual([300_000, 700_000]);
  await provider.ensure("codex");
  expect(limits).toEqual([400_000, 600_000]);
});

describe("a listener that returns a promise", () => {
  /** Prints a line, and waits for the listeners before the next, as a builder does. */
  const patient = (lines: number): ReturnType<typeof recordingSource> =>
    recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("build", "it", async ({ output, drained }) => {
          for (let line = 1; line <= lines; line += 1) {
            output(`line ${String(line)}`);
            await drained?.();
            signal.throwIfAborted();
          }
          return undefined as never;
        }),
    });

  test("slows down the output, without a stall however long it takes", async () => {
    let attempts = 0;
    let isHeld = false;
    const onProgress = async (event: ProgressEvent): Promise<void> => {
      if (event.type !== "output") return;
      expect(isHeld).toBe(false);
      attempts += 1;
      isHeld = true;
      // Several times the idle timeout.
      await new Promise((resolve) => setTimeout(resolve, 200));
      isHeld = false;
    };
    await spine(patient(3), { stallAfterMs: 50 }).ensure("hermes", { onProgress });
    expect(attempts).toBe(3);
  });

  test("slows down nothing once its caller has left, or it has rejected", async () => {
    const leaving = new AbortController();
    const images = spine(patient(3));
    const held = images.ensure("hermes", {
      signal: leaving.signal,
      onProgress: ({ type }) => (type === "output" ? new Promise(() => undefined) : undefined),
    });
    const onProgress = (event: ProgressEvent): unknown => {
      if (event.type === "output") leaving.abort();
      return Promise.reject(new Error("a broken display"));
    };
    const other = images.ensure("hermes", { onProgress });
    await expect(held).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await other).toMatchObject({ imageId });
  });

  test("does not keep alive work that is over its deadline", async () => {
    const ended = gate();
    const source = recordingSource({
      provide: (_resolution, _found, { progress, signal }) =>
        progress.step("build", "it", async ({ output, drained }) => {
          output("one");
          await drained?.();
          ended.open();
          signal.throwIfAborted();
          return undefined as never;
        }),
    });
    const onProgress = (): Promise<void> => new Promise(() => undefined);
    await expect(spine(source, { timeoutMs: 50 }).ensure("hermes", { onProgress })).rejects.toMatchObject({
      code: "TIMED_OUT",
    });
    await ended.wait(new AbortController().signal);
  });
});

describe("the last good image", () => {
  const good: ReadyImage = {
    reference: "example/hermes:0",
    imageId: `sha256:${"b".repeat(64)}`,
    digest: null,
    revision: null,
    platform: defaultPlatform,
    buildKey: null,
    engine: null,
  };
  function recalling(
    code: ErrorCode,
    image: ReadyImage | null,
  ): ImageSource & Recallable & { calls: string[] } {
    const source = recordingSource({ resolve: () => Promise.reject(failure(code)) });
    return Object.assign(source, {
      lastGood: async () => {
        source.calls.push("lastGood");
        return image;
      },
    });
  }

  test("is returned with a warning and marked as stale if the current one cannot be looked up", async () => {
    const log = loud();
    const provider = spine(recalling("SOURCE_UNREACHABLE", good), { log });
    expect(await provider.ensure("hermes")).toMatchObject({ ...good, stale: true, cached: true });
    expect(log.warnings).toEqual([
      "the source cannot be reached; using the last good image, which may be out of date",
    ]);
    expect(await provider.plan("hermes")).toMatchObject({ imageId: good.imageId, hit: true, stale: true });
  });

  const passing = failure("SOURCE_UNREACHABLE", {});

  test("is returned after two seconds of retries, and not after half a minute", async () => {
    const hurried = hurriedClock();
    const source = Object.assign(recordingSource({ resolve: () => Promise.reject(passing) }), {
      lastGood: async () => good,
    });
    const log = loud();
    const provider = spine(source, { ...slow, clock: hurried, log });
    expect(await provider.ensure("hermes")).toMatchObject({ ...good, stale: true });
    expect(hurried.pauses.length).toBeLessThanOrEqual(3);
    expect(hurried.pauses.reduce((all, one) => all + one, 0)).toBeLessThan(4_000);
    expect(log.warnings.filter((warning) => warning.includes("last good"))).toHaveLength(1);
  });

  test("is returned as soon if git alone is down", async () => {
    const hurried = hurriedClock();
    const source = Object.assign(
      recordingSource({
        provide: (_resolution, _found, { progress }) =>
          progress.step("checkout", "it", () => Promise.reject(passing)),
      }),
      { lastGood: async () => good },
    );
    const provider = spine(source, { ...slow, clock: hurried });
    expect(await provider.ensure("hermes")).toMatchObject({ ...good, stale: true });
    expect(hurried.pauses.reduce((all, one) => all + one, 0)).toBeLessThan(4_000);
  });

  test("does not shorten the retries if it is not allowed, nor those of a refresh", async () => {
    const source = Object.assign(recordingSource({ resolve: () => Promise.reject(passing) }), {
      lastGood: async () => undefined,
    });
    for (const verb of ["ensure", "refresh"] as const) {
      const hurried = hurriedClock();
      const log = loud();
      const provider = spine(source, { ...slow, clock: hurried, log });
      await expect(provider[verb]("hermes")).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringMatching(/^failed with SOURCE_UNREACHABLE \(tried \d+ times\)$/),
      });
      expect(hurried.pauses.reduce((all, one) => all + one, 0)).toBe(30_000);
      expect(log.warnings).toEqual([]);
    }
  });

  test("does not shorten the retries if it does not exist: one warning and the error say so", async () => {
    const down = (): Promise<never> => Promise.reject(passing);
    for (const verbs of [
      { resolve: down },
      { provide: (_resolution, _found, { progress }) => progress.step("checkout", "it", down) },
    ] satisfies Partial<ImageSource>[]) {
      const source = Object.assign(recordingSource(verbs), { lastGood: async () => null });
      const hurried = hurriedClock();
      const log = loud();
      const provider = spine(source, { ...slow, clock: hurried, log });
      await expect(provider.ensure("hermes")).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringMatching(/ times\); hermes has no earlier image to fall back to$/),
      });
      expect(hurried.pauses.reduce((all, one) => all + one, 0)).toBe(30_000);
      expect(log.warnings).toEqual([
        "the source cannot be reached; retrying, because there is no earlier image to fall back to",
      ]);
    }
  });

  test("is not returned if it cannot be looked up, and the call fails with the server's error", async () => {
    const down = (): Promise<never> => Promise.reject(failure("SOURCE_UNREACHABLE"));
    for (const verbs of [
      { resolve: down },
      { provide: (_resolution, _found, { progress }) => progress.step("checkout", "it", down) },
    ] satisfies Partial<ImageSource>[]) {
      const source = Object.assign(recordingSource(verbs), {
        lastGood: () => Promise.reject(failure("ENGINE_UNAVAILABLE")),
      });
      const log = loud();
      await expect(spine(source, { log }).ensure("hermes")).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: "failed with SOURCE_UNREACHABLE; cannot look up an earlier image of hermes to fall back to",
      });
      expect(log.warnings).toEqual(["cannot look up the last good image"]);
    }
  });

  test("is not returned if it does not exist", async () => {
    await expect(spine(recalling("SOURCE_UNREACHABLE", null)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
  });

  test.each(["SOURCE_DENIED", "SOURCE_NOT_FOUND", "SOURCE_MALFORMED"] as const)(
    "is not returned if the server has responded: %s",
    async (code) => {
      const source = recalling(code, good);
      await expect(spine(source).ensure("hermes")).rejects.toMatchObject({ code });
      expect(source.calls).toEqual(["resolve"]);
    },
  );

  test.each<[string, Step, string | null, boolean]>([
    ["the checkout of a build", "checkout", "a build key", true],
    ["a pull during a build, which contacts another server", "pull", "a build key", false],
    ["the pull of a source that does not build", "pull", null, true],
  ])("after a failure of %s: %s", async (_what, step, buildKey, isReturned) => {
    const verbs: Partial<ImageSource> = {
      resolve: async (runtime) => ({
        ...{ runtime, reference: `example/${runtime}:1`, revision: null, buildKey },
        platform: defaultPlatform,
      }),
      provide: async (_resolution, _found, call) =>
        call.progress.step(step, "server", () => Promise.reject(failure("SOURCE_UNREACHABLE"))),
    };
    const source = Object.assign(recordingSource(verbs), { lastGood: async () => good });
    const outcome = await spine(source)
      .ensure("hermes")
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject(isReturned ? { ...good, stale: true } : { code: "SOURCE_UNREACHABLE" });
    await expect(spine(source).refresh("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("is not returned for a refresh", async () => {
    await expect(spine(recalling("SOURCE_UNREACHABLE", good)).refresh("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
  });
});

describe("the build lock", () => {
  test("spans two providers that share a lock; the second waits, reports it, and looks again", async () => {
    const lock = createKeyedLock();
    const { open, wait } = gate();
    const source = recordingSource({
      provide: async (_resolution, found, { signal }) =>
        (found === undefined ? wait(signal) : undefined) as never,
    });
    const events: ProgressEvent[] = [];
    const first = spine(source, { lock }).ensure("hermes");
    while (!source.calls.includes("provide")) await new Promise((resolve) => setImmediate(resolve));
    const second = spine(source, { lock, stallAfterMs: 50 }).ensure("hermes", {
      onProgress: (event) => events.push(event),
    });
    while (!events.some(({ type }) => type === "quiet"))
      await new Promise((resolve) => setImmediate(resolve));
    // Waiting for the lock is not a stall.
    await new Promise((resolve) => setTimeout(resolve, 150));
    open();
    expect(await first).toMatchObject({ cached: false });
    expect(await second).toMatchObject({ cached: true });
    expect(source.calls.filter((verb) => verb === "provide")).toHaveLength(1);
    expect(events.find(({ type }) => type === "quiet")).toMatchObject({
      step: "wait",
      why: "another process is building this image",
    });
  });

  test("belongs to an engine and a reference: the same name in two engines is two images", async () => {
    const lock = createKeyedLock();
    const { open, wait } = gate();
    let making = 0;
    const inEngine = (address: string): ImageSource =>
      Object.assign(
        recordingSource({
          provide: async (_resolution, _found, { signal }) => {
            making++;
            await wait(signal);
            return undefined as never;
          },
        }),
        { engine: async () => ({ kind: "docker", address }) as const },
      );
    const both = ["unix:///one", "unix:///two"].map((address) =>
      spine(inEngine(address), { lock }).ensure("hermes"),
    );
    while (making < 2) await new Promise((resolve) => setImmediate(resolve));
    open();
    await Promise.all(both);
  });
});

test("a late caller receives the current progress: the step, its amount and its last line", async () => {
  const { open, wait } = gate();
  const source = recordingSource({
    provide: async (_resolution, _found, { signal, progress }) =>
      progress.step("pull", "it", async ({ output, amount }) => {
        output("one");
        amount(1, 10, "bytes");
        amount(5, 10, "bytes");
        output("two");
        output("three");
        await wait(signal);
        return undefined as never;
      }),
  });
  const provider = spine(source);
  const first: ProgressEvent[] = [];
  const late: ProgressEvent[] = [];
  const calls = [provider.ensure("hermes", { onProgress: (event) => first.push(event) })];
  while (!first.some((event) => event.type === "output" && event.line === "three"))
    await new Promise((resolve) => setImmediate(resolve));
  calls.push(provider.ensure("hermes", { onProgress: (event) => late.push(event) }));
  expect(late).toMatchObject([
    { step: "pull", type: "started", what: "it" },
    { step: "pull", type: "output", line: "three" },
    { step: "pull", type: "amount", done: 5, total: 10 },
  ]);
  open();
  await Promise.all(calls);
});
