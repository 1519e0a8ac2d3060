import { setMaxListeners } from "node:events";
import { accepts, admitCall, type Admission, type AdmittedCall } from "./admit-call.js";
import type { Attributes } from "../contract/attributes.js";
import { createSingleFlight, type SharedWork } from "../concurrency/single-flight.js";
import type { Clock, Log } from "../contract/edges.js";
import { ensure } from "./ensure.js";
import { stalled, timedOut } from "../errors/error-table.js";
import type { ImageSourceError } from "../errors/errors.js";
import type {
  CloseOptions,
  EnsuredImage,
  EnsureOptions,
  ImageProvider,
  Plan,
} from "../contract/image-provider.js";
import type { Call, ImageSource, Resolution } from "../contract/image-source.js";
import { createKeyedLock, type KeyedLock } from "../concurrency/keyed-lock.js";
import { linkAbort } from "../concurrency/linked-abort.js";
import { createHold } from "../concurrency/hold.js";
import type { Mask } from "../text/mask.js";
import { observed, observeRefusal, type ObservedWork, type Observer } from "../contract/observer.js";
import { plan } from "./plan.js";
import { createPruneSpine } from "../prune/prune-spine.js";
import { millisecondsFor, type MillisecondsByRuntime } from "../values/milliseconds-by-runtime.js";
import { assertRunningWork } from "./requested-image.js";
import { maskAttributes } from "./mask-attributes.js";
import { reportProgress } from "./report-progress.js";
import { settleError } from "./settle-error.js";
import { startIdleTimeout } from "../concurrency/idle-timeout.js";
import { untilAborted } from "../concurrency/until-aborted.js";

/** A source, and the parts of its spine. */
export interface SpineOptions extends Admission {
  readonly source: ImageSource;
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
  const { source, selection, mask, clock, log } = options;
  const images = createSingleFlight<EnsuredImage>();
  const plans = createSingleFlight<Plan>();
  const planned = new WeakMap<Plan, PlannedImage>();
  const { lock = createKeyedLock() } = options;
  let closing: Promise<void> | undefined;

  const settle = (error: unknown, signal?: AbortSignal): ImageSourceError =>
    settleError(error, source.name, mask, signal);

  function bounded<T extends EnsuredImage | Plan>(
    { runtime, requested, timeoutMs: ownTimeoutMs }: AdmittedCall,
    verb: ObservedWork["verb"],
    work: (call: Call) => Promise<T>,
  ): SharedWork<T> {
    const fresh = verb === "refresh";
    const timeoutMs = ownTimeoutMs ?? millisecondsFor(options.timeoutMs, runtime);
    const stallAfterMs = millisecondsFor(options.stallAfterMs ?? 240_000, runtime);
    return async (abandoned, listener) => {
      const observation = observed(options.observer, { verb, source: source.name, runtime });
      const { signal, abort, unlink } = linkAbort(abandoned);
      // A source may pass it to any number of concurrent requests.
      setMaxListeners(0, signal);
      const hold = createHold();
      const idle = startIdleTimeout(clock, stallAfterMs, (idleMs) => {
        abort(stalled(idleMs, progress.status()));
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
        const key = ownTimeoutMs === undefined ? undefined : "`timeoutMs`";
        abort(timedOut(timeoutMs, progress.status(), key));
      });
      const annotate = (attributes: Attributes): void => {
        try {
          observation.annotate(maskAttributes(attributes, mask));
        } catch {
          // A plugin in JavaScript may pass any value. Facts for traces must not fail its work.
        }
      };
      // Aborted work must not keep waiting for a display.
      signal.addEventListener("abort", () => {
        hold.end();
      });
      try {
        const call = { signal, progress, log, fresh, requested, ...(options.observer && { annotate }) };
        const image = await untilAborted(work(call), signal, clock);
        observation.end({ image });
        return image;
      } catch (reason) {
        const error = settle(reason, signal);
        observation.end({ error });
        throw error;
      } finally {
        cancelDeadline();
        idle.stop();
        unlink();
      }
    };
  }

  async function ensured(
    written: string,
    verb: "ensure" | "refresh",
    caller: EnsureOptions,
  ): Promise<EnsuredImage> {
    const asked = admitOrRefuse(written, verb, caller);
    const { runtime } = asked;
    const known = caller.plan && planned.get(caller.plan);
    const plan =
      known?.resolution.runtime === runtime && accepts(asked.requested, known.requested) ? known : undefined;
    const admitted = plan === undefined ? asked : { ...asked, requested: plan.requested };
    const resolution = plan?.resolution;
    const work = bounded(admitted, verb, async (call) => {
      const started = clock.monotonicMs();
      const { image, ...how } = await ensure(source, runtime, call, { clock, lock }, resolution);
      const durationMs = Math.round(clock.monotonicMs() - started);
      return { source: source.name, ...image, ...how, durationMs };
    });
    const { whenAborted = "cancel" } = caller;
    // Callers with a plan join only callers with the same plan.
    const key = [workKey(admitted), verb, whenAborted, resolution?.reference, resolution?.buildKey];
    return images.run(JSON.stringify(key), caller, work, whenAborted);
  }

  function admitOrRefuse(written: string, verb: ObservedWork["verb"], caller: EnsureOptions): AdmittedCall {
    try {
      return admitCall(written, caller, options);
    } catch (reason) {
      const error = settle(reason);
      observeRefusal(options.observer, { verb, source: source.name }, error);
      throw error;
    }
  }

  /** Identifies the options on which callers must agree to share work. */
  function workKey({ runtime, requested, timeoutMs }: AdmittedCall): string {
    const limitMs = timeoutMs ?? millisecondsFor(options.timeoutMs, runtime);
    return JSON.stringify([runtime, requested, limitMs]);
  }

  const pruning = createPruneSpine({
    source,
    runtimes: options.runtimes,
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
      const admitted = admitOrRefuse(written, "plan", caller);
      const { runtime, requested } = admitted;
      return plans.run(
        workKey(admitted),
        caller,
        bounded(admitted, "plan", async (call) => {
          const result = await plan(source, runtime, selection.because, call, clock);
          const { resolution } = result;
          if (resolution !== undefined) planned.set(result.plan, { resolution, requested });
          return result.plan;
        }),
      );
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };

  async function close(how: CloseOptions = {}): Promise<void> {
    assertRunningWork("running", how.running);
    await Promise.all([images, plans, pruning].map((work) => work.close(how)));
    await (closing ??= options.close?.() ?? Promise.resolve());
  }
}

/** The resolution of a plan, and its caller's request. */
interface PlannedImage extends Pick<AdmittedCall, "requested"> {
  readonly resolution: Resolution;
}
