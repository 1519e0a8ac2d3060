/** Lets one holder at a time do something under a key, in this process. */
export interface KeyedLock {
  /** Runs the work when it is its turn. `waited` says whether somebody else held the key before. */
  run<T>(key: string, signal: AbortSignal, work: (waited: boolean) => Promise<T>): Promise<T>;
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<void>>();
  return {
    async run(key, signal, work) {
      const before = tails.get(key);
      let release = (): void => undefined;
      const mine = new Promise<void>((resolve) => {
        release = resolve;
      });
      const tail = (before ?? Promise.resolve()).then(() => mine);
      tails.set(key, tail);
      try {
        await before;
        signal.throwIfAborted();
        return await work(before !== undefined);
      } finally {
        release();
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
