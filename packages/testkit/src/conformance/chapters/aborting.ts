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
    "makes nothing if aborted before the start": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      const signal = AbortSignal.abort(cancelled());
      if (bench.canBreak("hang")) await bench.breakUpstream("hang", "silent");
      // A method that makes no requests may still succeed.
      const resolved = source.resolve(runtime, bench.call({ signal }));
      assertAborted(await outcomeOf(resolved, "an aborted resolve", promptMs), signal, "resolve");
      const found = source.find(resolution, bench.call({ signal }));
      assertAborted(await outcomeOf(found, "an aborted find", promptMs), signal, "find");
      const provided = await outcomeOf(
        source.provide(resolution, undefined, bench.call({ signal })),
        "an aborted provide",
        promptMs,
      );
      assert.ok("error" in provided, "provide succeeded although it was aborted before the start");
      assertAborted(provided, signal, "provide");
      assert.deepEqual(await bench.images(), new Map());
    },

    "ends promptly while upstream does not respond": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      const endFirst = await bench.breakUpstream("hang", "silent");
      await abortDuring(bench, "resolve", (call) => source.resolve(runtime, call), whileWaiting(bench));
      await endFirst();
      await bench.breakUpstream("hang", "silent");
      await abortDuring(
        bench,
        "provide",
        (call) => source.provide(resolution, undefined, call),
        whileWaiting(bench),
      );
      assert.deepEqual(await bench.images(), new Map());
    },

    "ends promptly while the engine is working": async (bench) => {
      const { source, upstream, runtime, engine } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      engine.mood = "slow";
      await abortDuring(
        bench,
        "provide",
        (call) => source.provide(resolution, undefined, call),
        (abort) => {
          engine.onMaking = () => setTimeout(abort, 20);
        },
      );
      assert.deepEqual(await bench.images(), new Map());
    },

    "leaves no image name behind, at any step": async (bench) => {
      const { source, upstream, runtime } = bench;
      await upstream.publish(runtime, "one");
      const resolution = await source.resolve(runtime, bench.call());
      await atEachStep(bench, resolution, undefined, async (outcome) => {
        if ("error" in outcome)
          assert.ok(
            !(await imageExists(bench, resolution)),
            "the image exists although the call was aborted",
          );
      });
      const found = await source.find(resolution, bench.call());
      assert.ok(found.hit, "a call after aborted ones does not make the image");
      assert.equal(await bench.store.print(found.image.imageId), "one\n");
    },

    "leaves no file and no program behind, at any step": async (bench) => {
      const programs = await ownProcesses();
      const { resolution } = await bench.ready("one");
      let before = await diskSnapshot(bench.directory);
      await atEachStep(bench, resolution, true, async (outcome) => {
        // Aborted too late, or not at all: it may leave the same files as a successful call.
        if ("value" in outcome) before = await diskSnapshot(bench.directory);
        await soonEmpty(async () => {
          const paths = [...(await diskSnapshot(bench.directory)).keys()];
          return paths.filter((path) => !before.has(path));
        }, "files that a successful call does not leave");
        await soonEmpty(async () => {
          return [...(await ownProcesses())].flatMap(([id, name]) => (programs.has(id) ? [] : [name]));
        }, "programs that are still running");
      });
    },
  },
};

type Verb<T> = (call: ReturnType<Bench["call"]>) => Promise<T>;

/** Runs the method, lets `arrange` abort it, and throws unless it ends shortly after the abort, or ended before it. */
async function abortDuring<T>(
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
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  // The first call may already start it.
  arrange(abort);
  const running = work(bench.call({ signal }));
  const outcome = outcomeOf(running, verb);
  await Promise.race([aborted, outcome]);
  assertAborted(await outcomeOf(running, `an aborted ${verb}`, promptMs), signal, verb);
}

/** Aborts soon after the first request, or after a moment if the upstream is not behind a door. */
function whileWaiting({ doors }: Bench): (abort: () => void) => void {
  return (abort) => {
    if (!doors.isUsed) {
      setTimeout(abort, 200).unref();
      return;
    }
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
  for (let step = 1; step <= maxSteps; step += 1) {
    const controller = new AbortController();
    const { signal } = controller;
    const call = bench.call({ signal, fresh: fresh ?? false });
    call.onStep = (count) => {
      if (count === step) setImmediate(() => controller.abort(cancelled()));
    };
    const outcome = await outcomeOf(bench.source.provide(resolution, undefined, call), "provide");
    assertAborted(outcome, signal, "provide");
    await check(outcome);
    if (call.steps.length < step) return;
  }
  assert.fail(`provide has more than ${String(maxSteps)} steps`);
}

function assertAborted(outcome: Outcome<unknown>, signal: AbortSignal, verb: string): void {
  if (!("error" in outcome)) return;
  const { error } = outcome;
  const isAborted = error === signal.reason || (isImageSourceError(error) && error.code === "CANCELLED");
  assert.ok(
    isAborted,
    `an aborted ${verb} rejects with neither the signal's reason nor CANCELLED (throw \`cancelled()\` of @molecule/core): ${String(error)}`,
  );
}

async function imageExists({ images }: Bench, { reference }: Resolution): Promise<boolean> {
  return (await images()).has(reference);
}
