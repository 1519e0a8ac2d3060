import { setMaxListeners } from "node:events";
import type { Attributes } from "../contract/attributes.js";
import { createSingleFlight, type SharedWork } from "../concurrency/single-flight.js";
import type { Clock, Log } from "../contract/edges.js";
import { ensure } from "./ensure.js";
import { internal, stalled, timedOut } from "../errors/error-table.js";
import { isImageSourceError, type ImageSourceError } from "../errors/errors.js";
import type { EnsuredImage, EnsureOptions, ImageProvider, Plan } from "../contract/image-provider.js";
import type { Call, ImageSource, Resolution } from "../contract/image-source.js";
import { createKeyedLock, type KeyedLock } from "../concurrency/keyed-lock.js";
import { createHold } from "../concurrency/hold.js";
import type { Mask } from "../text/mask.js";
import { maskError } from "../text/mask-error.js";
import { observed, observeRefusal, type ObservedWork, type Observer } from "../contract/observer.js";
import { plan } from "./plan.js";
import { createPruneSpine } from "../prune/prune-spine.js";
import { millisecondsFor, type MillisecondsByRuntime } from "../values/milliseconds-by-runtime.js";
import { maskAttributes } from "./mask-attributes.js";
import { parseRegistryPrefix, type RegistrySource } from "../values/registry-source.js";
import { reportProgress } from "./report-progress.js";
import { knownRuntime, type RuntimeName } from "../values/runtime-name.js";
import type { Selection } from "../contract/selection.js";
import { stampSource } from "./stamp-source.js";
import { startIdleTimeout } from "../concurrency/idle-timeout.js";
import { untilAborted } from "../concurrency/until-aborted.js";

/** A source, and the parts of its spine. */
export interface SpineOptions {
  readonly source: ImageSource;
  readonly selection: Selection;
  readonly registry: RegistrySource;
  /** The allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
  /** The time limit of one piece of work. */
  readonly timeoutMs: MillisecondsByRuntime;
  /** The idle timeout. Default: 4 minutes, longer than engines retry silently. */
  readonly stallAfterMs?: MillisecondsByRuntime | undefined;
  /** The lock for making images. Default: one within this process. */
  readonly lock?: KeyedLock | undefined;
  readonly mask: Mask;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: Observer | undefined;
  /** Called once after all work has ended. */
  readonly close?: () => Promise<void>;
}

/**
 * Wraps a source, third-party ones included, with the allowlist, single-flight, the lock, a deadline, an idle timeout,
 * retries of temporary failures, balanced progress, checked results, and masked errors that name their
 * source and step.
 */
export function createSpine(options: SpineOptions): ImageProvider {
  const { source, selection, registry, runtimes, mask, clock, log } = options;
  const images = createSingleFlight<EnsuredImage>();
  const plans = createSingleFlight<Plan>();
  const planned = new WeakMap<Plan, Resolution>();
  const { lock = createKeyedLock() } = options;

  /** Runs before anything is contacted. A bad prefix outranks an unknown runtime, because no image could be named. */
  function admit(runtime: string): RuntimeName {
    if (registry.mode === "registry") parseRegistryPrefix(registry.prefix);
    return knownRuntime(runtime, runtimes);
  }

  function settle(error: unknown, signal?: AbortSignal): ImageSourceError {
    const reason: unknown = signal?.aborted === true ? signal.reason : undefined;
    const known = [reason, error].find(isImageSourceError) ?? internal(error);
    return maskError(stampSource(known, source.name), mask);
  }

  function bounded<T extends EnsuredImage | Plan>(
    runtime: RuntimeName,
    verb: ObservedWork["verb"],
    work: (call: Call) => Promise<T>,
  ): SharedWork<T> {
    const fresh = verb === "refresh";
    const timeoutMs = millisecondsFor(options.timeoutMs, runtime);
    const stallAfterMs = millisecondsFor(options.stallAfterMs ?? 240_000, runtime);
    return async (abandoned, listener) => {
      const observation = observed(options.observer, { verb, source: source.name, runtime });
      const overdue = new AbortController();
      const hold = createHold();
      const idle = startIdleTimeout(clock, stallAfterMs, (idleMs) => {
        overdue.abort(stalled(idleMs, progress.status()));
      });
      const progress = reportProgress(
        runtime,
        (event) => {
          idle.touch(event);
          observation.event(event);
          const until = listener(event);
          if (until === undefined) return;
          hold.add(until);
          idle.hold(until);
        },
        {
          mask,
          clock,
          drained: () => hold.released(),
          allowIdle: (step, milliseconds) => idle.allow(step, milliseconds),
          settle: (error) => settle(error, signal),
        },
      );
      const cancelDeadline = clock.after(timeoutMs, () => {
        overdue.abort(timedOut(timeoutMs, progress.status()));
      });
      const signal = AbortSignal.any([abandoned, overdue.signal]);
      // A source may pass it to any number of concurrent requests.
      setMaxListeners(0, signal);
      const annotate = (attributes: Attributes): void => {
        observation.annotate(maskAttributes(attributes, mask));
      };
      // Aborted work must not keep waiting for a display.
      signal.addEventListener("abort", () => {
        hold.end();
      });
      try {
        const image = await untilAborted(
          work({ signal, progress, log, fresh, ...(options.observer && { annotate }) }),
          signal,
          clock,
        );
        observation.end({ image });
        return image;
      } catch (reason) {
        const error = settle(reason, signal);
        observation.end({ error });
        throw error;
      } finally {
        cancelDeadline();
        idle.stop();
      }
    };
  }

  async function ensured(
    written: string,
    verb: "ensure" | "refresh",
    caller: EnsureOptions,
  ): Promise<EnsuredImage> {
    const runtime = admitOrRefuse(written, verb);
    const known = caller.plan && planned.get(caller.plan);
    const resolution = known?.runtime === runtime ? known : undefined;
    const work = bounded(runtime, verb, async (call) => {
      const started = clock.monotonicMs();
      const { image, ...how } = await ensure(source, runtime, call, { clock, lock }, resolution);
      const durationMs = Math.round(clock.monotonicMs() - started);
      return { source: source.name, ...image, ...how, durationMs };
    });
    // Callers with a plan join only callers with the same plan.
    const key = [
      runtime,
      verb,
      ...(resolution === undefined ? [] : [resolution.reference, resolution.buildKey]),
    ];
    return images.run(key.join(" "), caller, work);
  }

  function admitOrRefuse(written: string, verb: ObservedWork["verb"]): RuntimeName {
    try {
      return admit(written);
    } catch (reason) {
      const error = settle(reason);
      observeRefusal(options.observer, { verb, source: source.name }, error);
      throw error;
    }
  }

  const pruning = createPruneSpine({
    source,
    lock,
    timeoutMs: millisecondsFor(options.timeoutMs),
    clock,
    log,
    settle,
  });
  return {
    selection,
    prune: pruning.prune,
    ensure: (runtime, caller = {}) => ensured(runtime, "ensure", caller),
    refresh: (runtime, caller = {}) => ensured(runtime, "refresh", caller),
    plan: async (written, caller = {}) => {
      const runtime = admitOrRefuse(written, "plan");
      return plans.run(
        runtime,
        caller,
        bounded(runtime, "plan", async (call) => {
          const result = await plan(source, runtime, selection.because, call, clock);
          if (result.resolution !== undefined) planned.set(result.plan, result.resolution);
          return result.plan;
        }),
      );
    },
    close: async () => {
      await Promise.all([images.close(), plans.close(), pruning.close()]);
      await options.close?.();
    },
  };
}
