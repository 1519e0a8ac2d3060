/** Collects promises that hold something back. */
export interface Hold {
  /** Adding a promise again does nothing; one that rejects counts as settled. */
  add(promise: PromiseLike<unknown>): void;
  /** Undefined when nothing holds. The same promise until all have settled, which then resolves. */
  released(): Promise<void> | undefined;
  /** Releases at once, and holds nothing from then on. */
  end(): void;
}

/** Nothing holds yet. */
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
