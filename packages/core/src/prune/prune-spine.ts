import { setMaxListeners } from "node:events";
import { linkAbort } from "../concurrency/linked-abort.js";
import { createSingleFlight } from "../concurrency/single-flight.js";
import { isPrunable } from "../contract/capabilities.js";
import type { Clock, Log } from "../contract/edges.js";
import { configInvalid, timedOut } from "../errors/error-table.js";
import type { CloseOptions, ImageProvider } from "../contract/image-provider.js";
import type { ImageSource } from "../contract/image-source.js";
import type { KeyedLock } from "../concurrency/keyed-lock.js";
import { silentProgress } from "../contract/progress.js";
import { prune } from "./prune.js";
import type { PruneResult } from "../contract/prunable.js";
import { assertOptions } from "../values/assert-options.js";
import { untilAborted } from "../concurrency/until-aborted.js";

const defaultKeep = 3;

export interface PruneSpineOptions {
  readonly source: ImageSource;
  /** The allowlist. */
  readonly runtimes: ReadonlySet<string>;
  readonly lock: KeyedLock;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Masks an error and adds its source. */
  readonly settle: (error: unknown, signal: AbortSignal) => Error;
}

/** Wraps {@link ImageProvider.prune} with single-flight, a deadline and masked errors. */
export interface PruneSpine {
  readonly prune: ImageProvider["prune"];
  close(options?: CloseOptions): Promise<void>;
}

export function createPruneSpine({
  source,
  runtimes,
  lock,
  timeoutMs,
  clock,
  log,
  settle,
}: PruneSpineOptions): PruneSpine {
  const callers = createSingleFlight<PruneResult>();
  return {
    close: (options) => callers.close(options),
    prune: async (limits = {}, caller = {}) => {
      assertOptions(limits, { dryRun: "boolean", keep: "any", maxBytes: "any" });
      assertOptions(caller, { signal: "signal" });
      const { keep = defaultKeep, maxBytes, dryRun = false } = limits;
      assertLimit("keep", keep);
      if (maxBytes !== undefined) assertLimit("maxBytes", maxBytes);
      const request = { keep, maxBytes, dryRun };
      return callers.run(JSON.stringify(request), caller, async (abandoned) => {
        if (!isPrunable(source)) return { removed: [], kept: [] };
        const { signal, abort, unlink } = linkAbort(abandoned);
        setMaxListeners(0, signal);
        const cancelDeadline = clock.after(timeoutMs, () => {
          abort(timedOut(timeoutMs, { step: null, lastProgress: "prune" }));
        });
        const call = { signal, log, progress: silentProgress, fresh: false };
        try {
          return await untilAborted(prune(source, { ...request, runtimes }, call, lock), signal, clock);
        } catch (error) {
          throw settle(error, signal);
        } finally {
          cancelDeadline();
          unlink();
        }
      });
    },
  };
}

function assertLimit(name: string, limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw configInvalid(
      `\`${name}\` must be a whole number of at least 0, not ${String(limit)}`,
      "Correct the options of the call.",
    );
}
