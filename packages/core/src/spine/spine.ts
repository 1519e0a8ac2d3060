import { setMaxListeners } from "node:events";
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
import { observed, type ObservedWork, type Observer } from "../contract/observer.js";
import { plan } from "./plan.js";
import { createPruneSpine } from "../prune/prune-spine.js";
import { assertRegistryPrefix, type RegistrySource } from "../values/registry-source.js";
import { reportProgress } from "./report-progress.js";
import { knownRuntime, type RuntimeName } from "../values/runtime-name.js";
import type { Selection } from "../contract/selection.js";
import { stampSource } from "./stamp-source.js";
import { startIdleTimeout } from "../concurrency/idle-timeout.js";
import { untilAborted } from "../concurrency/until-aborted.js";

/** A source, and what is put around it. */
export interface SpineOptions {
  readonly source: ImageSource;
  readonly selection: Selection;
  readonly registry: RegistrySource;
  /** The allowlist. */
  readonly runtimes: ReadonlySet<RuntimeName>;
  /** For one piece of work as a whole. */
  readonly timeoutMs: number;
  /** How long nothing may be heard of it. Default: 4 minutes, more than engines try again in silence. */
  readonly stallAfterMs?: number | undefined;
  /** For making an image. Default: one of this process. */
  readonly lock?: KeyedLock | undefined;
  readonly mask: Mask;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: Observer | undefined;
  /** Called once after everything has ended. */
  readonly close?: () => Promise<void>;
}

/**
 * What every source has, third-party ones included: the allowlist, callers that join, one maker at a time, a deadline
 * and a watch for stalls, retries of what may pass, balanced progress, checked answers, masked errors that say which
 * source and step they come from.
 */
export function createSpine(options: SpineOptions): ImageProvider {
  const { source, selection, registry, runtimes, timeoutMs, mask, clock, log } = options;
  const images = createSingleFlight<EnsuredImage>();
  const plans = createSingleFlight<Plan>();
  const planned = new WeakMap<Plan, Resolution>();
  const { lock = createKeyedLock(), stallAfterMs = 240_000 } = options;

  /** Before anything is touched. A bad prefix outranks an unknown runtime: nothing could be named under it. */
  function admit(runtime: string): RuntimeName {
    if (registry.mode === "registry") assertRegistryPrefix(registry.prefix);
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
    return async (abandoned, listener) => {
      const observation = observed(options.observer, { verb, source: source.name, runtime });
      const overdue = new AbortController();
      const hold = createHold();
      const stall = startIdleTimeout(clock, stallAfterMs, () => {
        overdue.abort(stalled(stallAfterMs, progress.standing()));
      });
      const progress = reportProgress(
        runtime,
        (event) => {
          stall.heard(event);
          observation.event(event);
          const until = listener(event);
          if (until === undefined) return;
          hold.add(until);
          stall.hold(until);
        },
        { mask, clock, drained: () => hold.released() },
      );
      const cancelDeadline = clock.after(timeoutMs, () => {
        overdue.abort(timedOut(timeoutMs, progress.standing()));
      });
      const signal = AbortSignal.any([abandoned, overdue.signal]);
      // A source may hand it to as many requests at once as it likes.
      setMaxListeners(0, signal);
      // Work that waits for a display must be able to end.
      signal.addEventListener("abort", () => {
        hold.end();
      });
      try {
        const image = await untilAborted(work({ signal, progress, log, fresh }), signal, clock);
        observation.end({ image });
        return image;
      } catch (reason) {
        const error = settle(reason, signal);
        observation.end({ error });
        throw error;
      } finally {
        cancelDeadline();
        stall.stop();
      }
    };
  }

  async function ensured(
    written: string,
    verb: "ensure" | "refresh",
    caller: EnsureOptions,
  ): Promise<EnsuredImage> {
    const runtime = admitOrSettle(written);
    const known = caller.plan && planned.get(caller.plan);
    const resolution = known?.runtime === runtime ? known : undefined;
    const work = bounded(runtime, verb, async (call) => {
      const started = clock.monotonicMs();
      const { image, ...how } = await ensure(source, runtime, call, { clock, lock }, resolution);
      const durationMs = Math.round(clock.monotonicMs() - started);
      return { source: source.name, ...image, ...how, durationMs };
    });
    // Callers with a plan join those of the same one.
    const key = [
      runtime,
      verb,
      ...(resolution === undefined ? [] : [resolution.reference, resolution.buildKey]),
    ];
    return images.run(key.join(" "), caller, work);
  }

  function admitOrSettle(written: string): RuntimeName {
    try {
      return admit(written);
    } catch (error) {
      throw settle(error);
    }
  }

  const pruning = createPruneSpine({ source, lock, timeoutMs, clock, log, settle });
  return {
    selection,
    prune: pruning.prune,
    ensure: (runtime, caller = {}) => ensured(runtime, "ensure", caller),
    refresh: (runtime, caller = {}) => ensured(runtime, "refresh", caller),
    plan: async (written, caller = {}) => {
      const runtime = admitOrSettle(written);
      return plans.run(
        runtime,
        caller,
        bounded(runtime, "plan", async (call) => {
          const made = await plan(source, runtime, selection.because, call, clock);
          if (made.resolution !== undefined) planned.set(made.plan, made.resolution);
          return made.plan;
        }),
      );
    },
    close: async () => {
      await Promise.all([images.close(), plans.close(), pruning.close()]);
      await options.close?.();
    },
  };
}
