import { setMaxListeners } from "node:events";
import { cancelled } from "../errors/error-table.js";
import { createHold, type Hold } from "./hold.js";
import type { CallerOptions } from "../contract/image-provider.js";
import type { ProgressEvent } from "../contract/progress.js";

/** Work that several callers wait for. The signal aborts when the last of them has left. */
export type SharedWork<T> = (signal: AbortSignal, listener: SharedListener) => Promise<T>;
/** Undefined: every caller can take more; else a promise that resolves then. */
type SharedListener = (event: ProgressEvent) => Promise<void> | undefined;

/** Lets callers that ask for the same thing at the same time share one piece of work. */
export interface SingleFlight<T> {
  /** Joins the work that runs under the key, or starts it. A caller that aborts gets `CANCELLED` at once. */
  run(key: string, caller: CallerOptions, work: SharedWork<T>): Promise<T>;
  /** Cancels everything, refuses new callers and waits for the end of what was running. */
  close(): Promise<void>;
}

interface Group<T> {
  readonly ended: Promise<unknown>;
  join(caller: CallerOptions): Promise<T>;
  cancel(): void;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const open = new Map<string, Group<T>>();
  // Includes what its callers have left already and what is only cleaning up.
  const alive = new Map<string, Promise<unknown>>();
  let closed = false;

  function begin(key: string, work: SharedWork<T>): Group<T> {
    // Work that was left may still be removing what it had begun: the next one starts after it.
    const group = startGroup(alive.get(key) ?? Promise.resolve(), work, () => {
      if (open.get(key) === group) open.delete(key);
    });
    open.set(key, group);
    const ended = group.ended.then(() => {
      if (open.get(key) === group) open.delete(key);
      if (alive.get(key) === ended) alive.delete(key);
    });
    alive.set(key, ended);
    return group;
  }

  return {
    async run(key, caller, work) {
      if (closed || caller.signal?.aborted === true) throw cancelled();
      return (open.get(key) ?? begin(key, work)).join(caller);
    },
    async close() {
      closed = true;
      for (const group of open.values()) group.cancel();
      await Promise.all(alive.values());
    },
  };
}

function startGroup<T>(after: Promise<unknown>, work: SharedWork<T>, onAbandoned: () => void): Group<T> {
  const controller = new AbortController();
  const callers = new Set<Caller>();
  const hold = createHold();
  const standing = new Map<number, Map<ProgressEvent["type"], ProgressEvent>>();

  const result = after.then(() => {
    controller.signal.throwIfAborted();
    return work(controller.signal, (event) => {
      if (event.type === "started") standing.set(event.id, new Map());
      standing.get(event.id)?.set(event.type, event);
      if (event.type === "finished") standing.delete(event.id);
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

  function abandon(): void {
    onAbandoned();
    controller.abort(cancelled());
  }

  return {
    ended,
    cancel: abandon,
    join(options) {
      // A copy: the same options object may join twice and has to leave twice.
      const caller: Caller = { ...options, hold: createHold() };
      callers.add(caller);
      // One signal may stand for any number of calls: that is no leak, and nothing for Node to warn of.
      if (caller.signal !== undefined) setMaxListeners(0, caller.signal);
      // A late caller first hears what is under way: of each kind of event the last.
      for (const events of standing.values()) for (const event of events.values()) notify(caller, event);
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          callers.delete(caller);
          caller.hold.end();
          reject(cancelled());
          if (callers.size === 0) abandon();
        };
        caller.signal?.addEventListener("abort", leave, { once: true });
        void ended.then(() => caller.signal?.removeEventListener("abort", leave));
        result.then(resolve, reject);
      });
    },
  };
}

interface Caller extends CallerOptions {
  /** What its listener holds back. */
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
