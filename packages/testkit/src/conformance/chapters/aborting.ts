import { strict as assert } from "node:assert";
import { cancelled, isImageSourceError, type ReadyImage, type Resolution } from "@molecule/core";
import type { Bench } from "../bench/bench.js";
import { outcomeOf, promptMs, soonEmpty, type Outcome } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { diskSnapshot } from "../world/disk-snapshot.js";
import { ownProcesses } from "../world/own-processes.js";

/** More steps than any source has. Without this limit, a `provide` that never succeeds would loop forever. */
const maxSteps = 40;

export const aborting: Chapter = {
  name: "Aborting",
  laws: {
    "before anything has begun, makes nothing": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      const signal = AbortSignal.abort(cancelled());
      bench.doors.weather = "silent";
      // A verb that makes no requests may still succeed.
      const resolved = source.resolve(runtime, bench.call({ signal }));
      assertGaveUp(await outcomeOf(resolved, "an aborted resolve", promptMs), signal, "resolve");
      const found = source.find(resolution, bench.call({ signal }));
      assertGaveUp(await outcomeOf(found, "an aborted find", promptMs), signal, "find");
      const provided = await outcomeOf(
        source.provide(resolution, undefined, bench.call({ signal })),
        "an aborted provide",
        promptMs,
      );
      assert.ok("error" in provided, "provides although it was aborted before");
      assertGaveUp(provided, signal, "provide");
      assert.deepEqual(await bench.images(), new Map());
    },

    "while upstream is silent, ends promptly": async (bench) => {
      const { source, upstream, runtime, doors } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      doors.weather = "silent";
      await leave(bench, "resolve", (call) => source.resolve(runtime, call), whenAsked(bench));
      doors.weather = "silent";
      await leave(bench, "provide", (call) => source.provide(resolution, undefined, call), whenAsked(bench));
      assert.deepEqual(await bench.images(), new Map());
    },

    "while the engine is at work, ends promptly": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      engine.mood = "slow";
      await leave(
        bench,
        "provide",
        (call) => source.provide(resolution, undefined, call),
        (abort) => {
          engine.onMaking = () => setTimeout(abort, 20);
        },
      );
      assert.deepEqual(await bench.images(), new Map());
    },

    "at any step, leaves no name behind": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      await atEachStep(bench, resolution, undefined, async (outcome) => {
        if ("error" in outcome)
          assert.ok(!(await isThere(bench, resolution)), "aborted, and the image is there");
      });
      const found = await source.find(resolution, bench.call());
      assert.ok(found.hit, "after aborted calls, one that is not aborted makes nothing");
      assert.equal(await bench.store.print(found.image.imageId), "one\n");
    },

    "at any step, leaves no file and no program": async (bench) => {
      const programs = await ownProcesses();
      const { resolution } = await bench.ready("one");
      let before = await diskSnapshot(bench.directory);
      await atEachStep(bench, resolution, true, async (outcome) => {
        // Aborted too late, or not at all: it may leave the same files as a successful call.
        if ("value" in outcome) before = await diskSnapshot(bench.directory);
        await soonEmpty(async () => {
          const paths = [...(await diskSnapshot(bench.directory)).keys()];
          return paths.filter((path) => !before.has(path));
        }, "files that were not there after a call that went well");
        await soonEmpty(async () => {
          return [...(await ownProcesses())].flatMap(([id, name]) => (programs.has(id) ? [] : [name]));
        }, "programs that go on");
      });
    },
  },
};

type Verb<T> = (call: ReturnType<Bench["call"]>) => Promise<T>;

/** Runs the verb, lets `arrange` abort it, and throws unless it ends shortly after the abort, or ended before it. */
async function leave<T>(
  bench: Bench,
  verb: string,
  work: Verb<T>,
  arrange: (abort: () => void) => void,
): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (): void => {
    controller.abort(cancelled());
  };
  const left = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  // The first call may already start it.
  arrange(abort);
  const running = work(bench.call({ signal }));
  const outcome = outcomeOf(running, verb);
  await Promise.race([left, outcome]);
  assertGaveUp(await outcomeOf(running, `an aborted ${verb}`, promptMs), signal, verb);
}

/** Aborts soon after the first request. */
function whenAsked({ doors }: Bench): (abort: () => void) => void {
  return (abort) => {
    const timer = setInterval(() => {
      if (doors.requests === 0) return;
      clearInterval(timer);
      setTimeout(abort, 20);
    }, 5);
    timer.unref();
  };
}

/** Calls `provide` repeatedly, aborting at the first step, then the second, and so on until there are no more. */
async function atEachStep(
  bench: Bench,
  resolution: Resolution,
  fresh: true | undefined,
  check: (outcome: Outcome<ReadyImage>) => Promise<void>,
): Promise<void> {
  for (let turn = 1; turn <= maxSteps; turn += 1) {
    const controller = new AbortController();
    const { signal } = controller;
    const call = bench.call({ signal, fresh: fresh ?? false });
    call.onStep = (count) => {
      if (count === turn) setImmediate(() => controller.abort(cancelled()));
    };
    const outcome = await outcomeOf(bench.source.provide(resolution, undefined, call), "provide");
    assertGaveUp(outcome, signal, "provide");
    await check(outcome);
    if (call.steps.length < turn) return;
  }
  assert.fail(`provide has more than ${String(maxSteps)} steps`);
}

function assertGaveUp(outcome: Outcome<unknown>, signal: AbortSignal, verb: string): void {
  if (!("error" in outcome)) return;
  const { error } = outcome;
  const gaveUp = error === signal.reason || (isImageSourceError(error) && error.code === "CANCELLED");
  assert.ok(
    gaveUp,
    `an aborted ${verb} rejects with neither the signal's reason nor CANCELLED: ${String(error)}`,
  );
}

async function isThere({ images }: Bench, { reference }: Resolution): Promise<boolean> {
  return (await images()).has(reference);
}
