/** Collects promises that hold back a producer. */
export interface Hold {
  /** Adds a promise until it settles. Adding it again does nothing. */
  add(promise: PromiseLike<unknown>): void;
  /** Returns undefined if nothing is pending, else a promise that resolves when all have settled. */
  released(): Promise<void> | undefined;
  /** Releases immediately, and ignores promises added later. */
  end(): void;
}

/** Returns an empty hold. */
export function createHold(): Hold {
  const pending = new Set<PromiseLike<unknown>>();
  let released: Promise<void> | undefined;
  let release = (): void => undefined;
  let hasEnded = false;

  const open = (): void => {
    pending.clear();
    released = undefined;
    release();
  };
  return {
    add(promise) {
      // A listener returns one promise for thousands of events.
      if (hasEnded || pending.has(promise)) return;
      pending.add(promise);
      released ??= new Promise((resolve) => {
        release = resolve;
      });
      const settle = (): void => {
        if (pending.delete(promise) && pending.size === 0) open();
      };
      promise.then(settle, settle);
    },
    released: () => released,
    end() {
      hasEnded = true;
      open();
    },
  };
}
