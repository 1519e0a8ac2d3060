import { setMaxListeners } from "node:events";
import { cancelled, providerClosed } from "../errors/error-table.js";
import { createHold, type Hold } from "./hold.js";
import type { CallerOptions, CloseOptions, RunningWork } from "../contract/image-provider.js";
import type { ProgressEvent } from "../contract/progress.js";

/** Work shared by several callers. The signal aborts when the last caller has left. */
export type SharedWork<T> = (signal: AbortSignal, listener: SharedListener) => Promise<T>;
/** Returns undefined if every caller can take more, else a promise that resolves when they can. */
type SharedListener = (event: ProgressEvent) => Promise<void> | undefined;

/** Shares one piece of work between concurrent callers with the same key. */
export interface SingleFlight<T> {
  /**
   * Joins the work that runs under the key, or starts it. A caller that aborts gets `CANCELLED` immediately.
   * @param whenAborted what happens to work that this call starts when its last caller has left. Default: `cancel`
   */
  run(key: string, caller: CallerOptions, work: SharedWork<T>, whenAborted?: RunningWork): Promise<T>;
  /** Rejects new callers, cancels all work unless it may finish, and waits for it to end. */
  close(options?: CloseOptions): Promise<void>;
}

interface Group<T> {
  readonly ended: Promise<unknown>;
  join(caller: CallerOptions): Promise<T>;
  cancel(reason: Error): void;
}

/** Returns a single-flight that runs nothing yet. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const joinable = new Map<string, Group<T>>();
  // Includes abandoned work that is still cleaning up.
  const unfinished = new Map<string, Promise<unknown>>();
  let closed = false;

  function begin(key: string, work: SharedWork<T>, whenAborted: RunningWork): Group<T> {
    // Abandoned work may still be cleaning up: the next one starts after it.
    const group = startGroup(unfinished.get(key) ?? Promise.resolve(), work, whenAborted, () => {
      if (joinable.get(key) === group) joinable.delete(key);
    });
    joinable.set(key, group);
    const ended = group.ended.then(() => {
      if (joinable.get(key) === group) joinable.delete(key);
      if (unfinished.get(key) === ended) unfinished.delete(key);
    });
    unfinished.set(key, ended);
    return group;
  }

  return {
    async run(key, caller, work, whenAborted = "cancel") {
      if (closed) throw providerClosed();
      if (caller.signal?.aborted === true) throw cancelled();
      return (joinable.get(key) ?? begin(key, work, whenAborted)).join(caller);
    },
    async close({ running = "cancel" } = {}) {
      closed = true;
      if (running === "cancel") for (const group of joinable.values()) group.cancel(providerClosed());
      await Promise.all(unfinished.values());
    },
  };
}

function startGroup<T>(
  after: Promise<unknown>,
  work: SharedWork<T>,
  whenAborted: RunningWork,
  onAbandoned: () => void,
): Group<T> {
  const controller = new AbortController();
  const callers = new Set<Caller>();
  const hold = createHold();
  const runningSteps = new Map<number, Map<ProgressEvent["type"], ProgressEvent>>();

  const result = after.then(() => {
    controller.signal.throwIfAborted();
    return work(controller.signal, (event) => {
      if (event.type === "started") runningSteps.set(event.id, new Map());
      runningSteps.get(event.id)?.set(event.type, event);
      if (event.type === "finished") runningSteps.delete(event.id);
      for (const caller of callers) {
        notify(caller, event);
        const released = caller.hold.released();
        if (released !== undefined) hold.add(released);
      }
      return hold.released();
    });
  });
  const ended = result.then(
    () => undefined,
    () => undefined,
  );

  function abandon(reason: Error): void {
    onAbandoned();
    controller.abort(reason);
  }

  return {
    ended,
    cancel: abandon,
    join(options) {
      // A copy, because the same options object may join twice.
      const caller: Caller = { ...options, hold: createHold() };
      callers.add(caller);
      // One signal may be passed to any number of calls; avoids Node's leak warning.
      if (caller.signal !== undefined) setMaxListeners(0, caller.signal);
      // A late caller first gets the last event of each kind of the running steps.
      for (const events of runningSteps.values()) for (const event of events.values()) notify(caller, event);
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          callers.delete(caller);
          caller.hold.end();
          if (whenAborted === "finish") {
            reject(cancelled("The work continues; call again to get its result."));
            return;
          }
          reject(cancelled());
          if (callers.size === 0) abandon(cancelled());
        };
        caller.signal?.addEventListener("abort", leave, { once: true });
        void ended.then(() => caller.signal?.removeEventListener("abort", leave));
        result.then(resolve, reject);
      });
    },
  };
}

interface Caller extends CallerOptions {
  /** The pending promises of its listener. */
  readonly hold: Hold;
}

function notify(caller: Caller, event: ProgressEvent): void {
  try {
    const until = caller.onProgress?.(event);
    if (isPromise(until)) caller.hold.add(until);
  } catch {
    // A display that throws must not end the work of the others.
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
