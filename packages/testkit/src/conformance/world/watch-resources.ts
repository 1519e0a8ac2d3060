import { createHook, executionAsyncId } from "node:async_hooks";

/** Node's types of resources, with a description of each. Promises and ticks are left out: they are no side effects. */
const kinds: readonly (readonly [type: RegExp, what: string])[] = [
  [/^(?:Timeout|Immediate)$/, "a timer"],
  [/^(?:FS|FILEHANDLE|STATWATCHER)/, "a file"],
  [/^(?:TCP|TLS|PIPE|UDP|HTTP|GETADDRINFO|QUERYWRAP|DNS)/, "a socket"],
  [/^(?:PROCESSWRAP|WORKER)$/, "a program or thread"],
  [/^SIGNALWRAP$/, "a signal handler"],
];

/** The resources that some work has opened, and that whatever it started has opened later. Includes `unref` timers. */
export interface WatchedResources {
  readonly opened: ReadonlySet<string>;
  stop(): void;
}

/** Runs the work, and keeps watching what it started until `stop` is called. */
export function watchResources(work: () => void): WatchedResources {
  const opened = new Set<string>();
  const own = new Set<number>();
  const outside = executionAsyncId();
  let isWorking = false;
  const hook = createHook({
    init(id, type, trigger) {
      if (!(isWorking && executionAsyncId() === outside) && !own.has(executionAsyncId()) && !own.has(trigger))
        return;
      own.add(id);
      const what = kinds.find(([pattern]) => pattern.test(type))?.[1];
      if (what !== undefined) opened.add(what);
    },
  }).enable();
  isWorking = true;
  try {
    work();
  } catch (error) {
    hook.disable();
    throw error;
  } finally {
    isWorking = false;
  }
  return { opened, stop: () => void hook.disable() };
}
