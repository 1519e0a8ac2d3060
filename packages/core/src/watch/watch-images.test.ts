import { afterEach, describe, expect, test } from "@jest/globals";
import type { Clock } from "../contract/edges.js";
import { cancelled, runtimeUnknown } from "../errors/error-table.js";
import { ImageSourceError, type ErrorCode, type Transient } from "../errors/errors.js";
import type { EnsuredImage, ImageProvider, Plan } from "../contract/image-provider.js";
import { defaultPlatform } from "../values/platform.js";
import { parseCommitSha } from "../values/commit-sha.js";
import { watchImages } from "./watch-images.js";
import { type WatchOptions } from "./watch-options.js";

const minute = 60_000;
const hour = 60 * minute;

/** A clock that advances only when a test says so. */
function fakeClock(): Clock & { advance(milliseconds: number): Promise<void>; readonly waiting: number } {
  let now = 0;
  const timers = new Map<symbol, { readonly at: number; readonly callback: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  return {
    monotonicMs: () => now,
    wallMs: () => now,
    after: (milliseconds, callback) => {
      const key = Symbol();
      timers.set(key, { at: now + milliseconds, callback });
      return () => timers.delete(key);
    },
    get waiting() {
      return timers.size;
    },
    advance: async (milliseconds) => {
      const end = now + milliseconds;
      await settle();
      for (;;) {
        const [next] = [...timers].sort(([, one], [, other]) => one.at - other.at);
        if (next === undefined || next[1].at > end) break;
        timers.delete(next[0]);
        now = next[1].at;
        next[1].callback();
        await settle();
      }
      now = end;
    },
  };
}

/** A provider over a branch: its head, the existing images, and a timed record of the calls. */
function fakeImages(clock: Clock) {
  const state = {
    head: "1".repeat(40),
    built: new Set<string>(),
    polls: [] as number[],
    ensured: 0,
    builds: [] as (readonly [head: string, at: number])[],
    pollError: undefined as ImageSourceError | undefined,
    buildError: undefined as ImageSourceError | undefined,
  };
  const facts = () => ({
    source: "fake",
    reference: `fake/${state.head.slice(0, 12)}`,
    digest: null,
    revision: parseCommitSha(state.head),
    platform: defaultPlatform,
    buildKey: "k",
    engine: null,
    stale: false,
  });
  const images: Pick<ImageProvider, "plan" | "ensure"> = {
    plan: async (_runtime, { signal } = {}): Promise<Plan> => {
      if (signal?.aborted === true) throw cancelled();
      state.polls.push(clock.monotonicMs());
      if (state.pollError !== undefined) throw state.pollError;
      const hit = state.built.has(state.head);
      const imageId = hit ? `id-${state.head}` : null;
      return {
        ...facts(),
        imageId,
        cached: null,
        durationMs: null,
        buildArgs: null,
        hit,
        because: "a test",
        step: hit ? null : "build",
        why: hit ? null : "no",
      };
    },
    ensure: async (): Promise<EnsuredImage> => {
      state.ensured++;
      const cached = state.built.has(state.head);
      if (!cached) {
        state.builds.push([state.head, clock.monotonicMs()]);
        if (state.buildError !== undefined) throw state.buildError;
        state.built.add(state.head);
      }
      return { ...facts(), imageId: `id-${state.head}`, cached, durationMs: 1 };
    },
  };
  return { state, images };
}

const failure = (code: ErrorCode, transient?: Transient): ImageSourceError =>
  new ImageSourceError({ code, message: "m", hint: "h", transient });

describe("watchImages", () => {
  const ends: AbortController[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end.abort();
  });

  function start(changes: Partial<WatchOptions> = {}) {
    const clock = fakeClock();
    const { state, images } = fakeImages(clock);
    const end = new AbortController();
    ends.push(end);
    const revisions: string[] = [];
    const errors: (readonly [code: ErrorCode, retryInMs: number])[] = [];
    const run = (runtimes: readonly string[] = ["hermes"]): Promise<void> =>
      watchImages(images, runtimes, {
        everyMs: 5 * minute,
        signal: end.signal,
        onImage: (_runtime, { revision }) => revisions.push(revision ?? ""),
        onError: (_runtime, { code }, retryInMs) => errors.push([code, retryInMs]),
        clock,
        ...changes,
      });
    return { clock, state, end, revisions, errors, run };
  }

  test("polls immediately and then about every five minutes, with jitter; reports an image once", async () => {
    const { clock, state, revisions, run } = start();
    state.built.add(state.head);
    void run();
    await clock.advance(2 * hour);
    expect(revisions).toEqual([state.head]);
    expect(state.builds).toEqual([]);
    // A poll that finds nothing new is one request.
    expect(state.ensured).toBe(1);
    const intervals = state.polls.slice(1).map((at, index) => at - (state.polls[index] ?? 0));
    expect(state.polls[0]).toBe(0);
    expect(intervals.length).toBeGreaterThan(20);
    for (const pause of intervals) {
      expect(pause).toBeGreaterThanOrEqual(4.5 * minute);
      expect(pause).toBeLessThanOrEqual(5.5 * minute);
    }
    expect(new Set(intervals).size).toBeGreaterThan(10);
  });

  test("builds each commit once, however often it polls", async () => {
    const { clock, state, revisions, run } = start();
    void run();
    await clock.advance(hour);
    const second = "2".repeat(40);
    state.head = second;
    await clock.advance(hour);
    expect(state.builds.map(([head]) => head)).toEqual(["1".repeat(40), second]);
    expect(revisions).toEqual(["1".repeat(40), second]);
  });

  test("reports a commit that came back, although its image exists", async () => {
    const { clock, state, revisions, run } = start();
    void run();
    await clock.advance(minute);
    const first = state.head;
    for (const head of ["2".repeat(40), first]) {
      state.head = head;
      await clock.advance(6 * minute);
    }
    expect(revisions).toEqual([first, "2".repeat(40), first]);
    expect(state.builds).toHaveLength(2);
  });

  test("backs off up to an hour while polls fail, and returns to its interval afterwards", async () => {
    const { clock, state, errors, revisions, run } = start();
    state.pollError = failure("SOURCE_UNREACHABLE");
    void run();
    await clock.advance(12 * hour);
    expect(errors.slice(0, 6).map(([, retryInMs]) => retryInMs / minute)).toEqual([10, 20, 40, 60, 60, 60]);
    const before = state.polls.length;
    expect(before).toBeLessThan(16);
    state.pollError = undefined;
    await clock.advance(1.1 * hour);
    expect(revisions).toEqual([state.head]);
    state.polls.length = 0;
    await clock.advance(hour);
    expect(state.polls.length).toBeGreaterThan(8);
  });

  test("retries a failed commit with growing delays, and builds a new one immediately", async () => {
    const { clock, state, errors, revisions, run } = start();
    state.buildError = failure("BUILD_FAILED");
    void run();
    await clock.advance(10 * hour);
    expect(state.builds.length).toBeLessThan(14);
    expect(errors).toHaveLength(state.builds.length);
    // It keeps polling.
    expect(state.polls.length).toBeGreaterThan(100);
    const intervals = state.builds.slice(1).map(([, at], index) => at - (state.builds[index]?.[1] ?? 0));
    for (const [index, pause] of intervals.entries()) {
      expect(pause).toBeGreaterThanOrEqual(Math.min(5 * 2 ** (index + 1), 60) * minute);
    }
    state.buildError = undefined;
    state.head = "2".repeat(40);
    await clock.advance(6 * minute);
    expect(revisions).toEqual(["2".repeat(40)]);
  });

  test.each([
    ["a poll", "pollError"],
    ["a build", "buildError"],
  ] as const)("waits as long as Retry-After says after %s fails, and at most a day", async (_what, kind) => {
    const { clock, state, run } = start();
    state[kind] = failure("SOURCE_UNREACHABLE", { afterMs: 3 * hour });
    void run();
    await clock.advance(2.9 * hour);
    expect(state.polls).toHaveLength(1);
    state[kind] = failure("SOURCE_UNREACHABLE", { afterMs: 365 * 24 * hour });
    await clock.advance(0.3 * hour);
    expect(state.polls.length).toBeGreaterThan(1);
    const pollCount = state.polls.length;
    await clock.advance(23 * hour);
    expect(state.polls).toHaveLength(pollCount);
    await clock.advance(2 * hour);
    expect(state.polls.length).toBeGreaterThan(pollCount);
  });

  describe("events", () => {
    function announcer() {
      const listeners = new Set<(runtime: string) => void>();
      return {
        listeners,
        announce: (runtime = "hermes") => {
          for (const listener of listeners) listener(runtime);
        },
        events: {
          subscribe: (listener: (runtime: string) => void) => {
            listeners.add(listener);
            return () => listeners.delete(listener);
          },
        },
      };
    }

    test("an event is followed by a poll and a build at once", async () => {
      const { events, announce } = announcer();
      const { clock, state, revisions, run } = start({ events });
      void run();
      await clock.advance(minute);
      const second = "2".repeat(40);
      state.head = second;
      announce();
      await clock.advance(0);
      expect(state.builds.at(-1)).toEqual([second, minute]);
      expect(revisions.at(-1)).toBe(second);
      // The interval counts from the last poll.
      await clock.advance(4.4 * minute);
      expect(state.polls).toHaveLength(2);
    });

    test("an event of another runtime is ignored", async () => {
      const { events, announce } = announcer();
      const { clock, state, run } = start({ events });
      void run();
      await clock.advance(minute);
      announce("codex");
      await clock.advance(minute);
      expect(state.polls).toHaveLength(1);
    });

    test("a flood of events costs the forge five requests in a minute and then no more than five a minute", async () => {
      const { events, announce } = announcer();
      const { clock, state, run } = start({ events });
      void run();
      await clock.advance(minute);
      state.polls.length = 0;
      for (let second = 0; second < 600; second++) {
        for (let event = 0; event < 100; event++) announce();
        await clock.advance(1000);
      }
      expect(state.polls.slice(0, 5)).toEqual([60, 61, 62, 63, 64].map((seconds) => seconds * 1000));
      expect(state.polls.length).toBeGreaterThan(50);
      expect(state.polls.length).toBeLessThanOrEqual(5 + 10 * 5);
    });

    test("an event during a build is followed by another poll", async () => {
      const { events, announce } = announcer();
      const { clock, state, revisions, run } = start({
        events,
        onImage: (_runtime, { revision }) => {
          revisions.push(revision ?? "");
          if (revisions.length > 1) return;
          state.head = "2".repeat(40);
          announce();
        },
      });
      void run();
      await clock.advance(0);
      expect(revisions).toEqual(["1".repeat(40), "2".repeat(40)]);
    });

    test("an event does not shorten the delay that a server asked for", async () => {
      const { events, announce } = announcer();
      const { clock, state, run } = start({ events });
      state.pollError = failure("SOURCE_UNREACHABLE", { afterMs: 3 * hour });
      void run();
      await clock.advance(minute);
      announce();
      await clock.advance(2.9 * hour);
      expect(state.polls).toHaveLength(1);
      await clock.advance(0.1 * hour);
      expect(state.polls).toHaveLength(2);
    });

    test("the subscription ends with the watch", async () => {
      const { events, listeners } = announcer();
      const { clock, end, run } = start({ events });
      const watch = run();
      await clock.advance(minute);
      expect(listeners.size).toBe(1);
      end.abort();
      await watch;
      expect(listeners.size).toBe(0);
    });
  });

  test("stops on its signal, whatever it waits for, and leaves no timer", async () => {
    const { clock, end, run } = start();
    const watch = run(["hermes", "codex", "hermes"]);
    await clock.advance(minute);
    expect(clock.waiting).toBe(2);
    end.abort();
    await watch;
    expect(clock.waiting).toBe(0);
  });

  test("stops when the provider is closed", async () => {
    const { clock, state, errors, run } = start();
    const watch = run();
    await clock.advance(minute);
    state.pollError = cancelled();
    await clock.advance(10 * minute);
    await watch;
    expect(errors).toEqual([]);
  });

  test.each([
    ["what only a person can mend", { pollError: runtimeUnknown("x", []) }, {}, "RUNTIME_UNKNOWN"],
    [
      "a callback that throws",
      {},
      {
        onImage: () => {
          throw failure("INTERNAL");
        },
      },
      "INTERNAL",
    ],
  ])("%s ends the watch", async (_what, troubles, changes, code) => {
    const { clock, state, run } = start(changes);
    Object.assign(state, troubles);
    const watch = expect(run(["hermes", "codex"])).rejects.toMatchObject({ code });
    await clock.advance(minute);
    await watch;
    expect(clock.waiting).toBe(0);
  });
});

test.each<[string, unknown, object, string]>([
  ["one runtime as a text", "hermes", {}, "the runtimes must be a list, not a string"],
  ["an interval as a text", ["hermes"], { everyMs: "5m" }, "`everyMs` must be a number of milliseconds"],
  [
    "a misspelt callback",
    ["hermes"],
    { onErorr: () => undefined },
    "`onErorr` is not an option (did you mean `onError`?)",
  ],
  ["no interval", ["hermes"], { everyMs: undefined }, "`everyMs` must be a number of milliseconds"],
  ["no signal", ["hermes"], { signal: undefined }, "`signal` is missing"],
  ["a signal of another type", ["hermes"], { signal: {} }, "`signal` must be an AbortSignal, not an object"],
  ["no listener", ["hermes"], { onImage: undefined }, "`onImage` is missing"],
  ["a listener of another type", ["hermes"], { onError: {} }, "`onError` must be a function, not an object"],
])("rejects %s, and polls nothing", async (_what, runtimes, options, message) => {
  const unused = (): Promise<never> => Promise.reject(new Error("polled"));
  const all = { everyMs: minute, signal: new AbortController().signal, onImage: () => undefined, ...options };
  const watched = watchImages({ plan: unused, ensure: unused }, runtimes as string[], all);
  await expect(watched).rejects.toThrow(TypeError);
  await expect(watched).rejects.toThrow(message);
});
