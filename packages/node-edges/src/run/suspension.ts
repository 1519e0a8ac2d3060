import process from "node:process";

/** Is called when Ctrl-Z stops this process, and when it continues. */
export interface SuspensionListener {
  /** Called before the process stops, if it can notice that: SIGSTOP, for example, stops it immediately. */
  readonly onStop: () => void;
  /** Called after the process has continued. `wasNoticed` is whether `onStop` was called before. */
  readonly onContinue: (wasNoticed: boolean) => void;
}

let listener: SuspensionListener | undefined;
let wasNoticed = false;
/** Programs that are being started in the process group of this process. */
const starts = new Set<object>();

/** Calls the listener, one at a time, when this process stops and continues. Returns a function that removes it. */
export function onSuspension(next: SuspensionListener): () => void {
  listener = next;
  process.on("SIGCONT", resume);
  catchOrLeave();
  return () => {
    listener = undefined;
    process.off("SIGCONT", resume);
    catchOrLeave();
  };
}

/**
 * Marks that a program is about to be started in the process group of this process. Returns a function to call when it
 * has started. Until then SIGTSTP stops this process immediately: Node blocks until the child has executed its program,
 * and the signal may have stopped the child. Detached programs do not need this.
 */
export function startingInGroup(): () => void {
  const start = {};
  starts.add(start);
  catchOrLeave();
  return () => {
    starts.delete(start);
    catchOrLeave();
  };
}

function catchOrLeave(): void {
  process.off("SIGTSTP", stop);
  if (listener !== undefined && starts.size === 0) process.on("SIGTSTP", stop);
}

function stop(): void {
  wasNoticed = true;
  listener?.onStop();
  // Without a listener, the signal stops the process before `kill` returns. Not SIGSTOP: the system ignores SIGTSTP
  // where no shell could continue the process.
  process.off("SIGTSTP", stop);
  process.kill(process.pid, "SIGTSTP");
  catchOrLeave();
}

function resume(): void {
  const noticed = wasNoticed;
  wasNoticed = false;
  listener?.onContinue(noticed);
}
