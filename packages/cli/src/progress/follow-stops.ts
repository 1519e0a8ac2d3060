export interface StopListener {
  /** Called on Ctrl-Z, before the process stops. */
  readonly onStop: () => void;
  /** Called when the process continues. `wasCaught` is false after SIGSTOP, which no process can catch. */
  readonly onContinue: (wasCaught: boolean) => void;
}

/** Tells the listener when the process stops and continues. Returns a function that removes it. */
export function followStops({ onStop, onContinue }: StopListener): () => void {
  let wasCaught = false;
  const stop = (): void => {
    onStop();
    wasCaught = true;
    // Without a listener, the signal stops the process before `kill` returns.
    process.off("SIGTSTP", stop);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", stop);
  };
  const resume = (): void => {
    onContinue(wasCaught);
    wasCaught = false;
  };
  process.on("SIGTSTP", stop);
  process.on("SIGCONT", resume);
  return () => {
    process.off("SIGTSTP", stop);
    process.off("SIGCONT", resume);
  };
}
