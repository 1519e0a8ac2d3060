/** Releases a key. Never rejects. */
export type Release = () => Promise<void>;

/** A lock with one holder at a time for each key. */
export interface KeyedLock {
  /** Takes the key; returns undefined if it is taken. */
  tryTake(key: string): Promise<Release | undefined>;
  /** Waits for the key. Rejects with the signal's reason if it aborts. */
  take(key: string, signal: AbortSignal): Promise<Release>;
}

type Grant = () => void;

/** Returns a lock within this process, first come, first served. */
export function createKeyedLock(): KeyedLock {
  const waiting = new Map<string, Set<Grant>>();

  function releaseOf(key: string): Release {
    return async () => {
      const queue = waiting.get(key);
      const [next] = queue ?? [];
      if (next === undefined) waiting.delete(key);
      else {
        queue?.delete(next);
        next();
      }
    };
  }

  return {
    async tryTake(key) {
      if (waiting.has(key)) return undefined;
      waiting.set(key, new Set());
      return releaseOf(key);
    },
    take(key, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const queue = waiting.get(key);
        if (queue === undefined) {
          waiting.set(key, new Set());
          resolve(releaseOf(key));
          return;
        }
        const leave = (): void => {
          queue.delete(grant);
          reject(signal.reason);
        };
        const grant: Grant = () => {
          signal.removeEventListener("abort", leave);
          resolve(releaseOf(key));
        };
        queue.add(grant);
        signal.addEventListener("abort", leave, { once: true });
      });
    },
  };
}
