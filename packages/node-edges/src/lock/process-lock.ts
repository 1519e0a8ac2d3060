import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type Clock,
  createKeyedLock,
  type KeyedLock,
  type Log,
  delay,
  type Release,
  type Store,
} from "@molecule/core";
import { sweepLockFiles, tryLockFile } from "./lock-file.js";
import { watchFile } from "../store/watch-file.js";

const pollMs = 100;

/** Options of a lock between processes. */
export interface ProcessLockOptions {
  /** Holds the locks; its directory for them is created when the first one is taken. */
  readonly store: Pick<Store, "privateDirectory">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Returns a lock between all processes of this machine that use the same store. If no lock file can be
 * written, it is limited to this process: results must not depend on it.
 */
export function createProcessLock({ store, clock, log }: ProcessLockOptions): KeyedLock {
  const here = createKeyedLock();
  let place: Promise<string | undefined> | undefined;

  async function prepared(): Promise<string | undefined> {
    try {
      const own = await store.privateDirectory("locks");
      await sweepLockFiles(own);
      return own;
    } catch (error) {
      without(error);
      return undefined;
    }
  }

  function without(error: unknown): void {
    log.debug("no lock between processes", { error: String(error) });
  }

  /** Undefined if no lock file can be written. */
  async function fileOf(key: string): Promise<string | undefined> {
    place ??= prepared();
    const own = await place;
    const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
    return own === undefined ? undefined : join(own, `${name}.lock`);
  }

  /** Returns undefined if another process holds the lock. */
  async function tryBetween(file: string | undefined, release: Release): Promise<Release | undefined> {
    if (file === undefined) return release;
    try {
      const between = await tryLockFile(file);
      if (between === undefined) return undefined;
      return async () => {
        await between();
        await release();
      };
    } catch (error) {
      without(error);
      return release;
    }
  }

  return {
    async tryTake(key) {
      const release = await here.tryTake(key);
      if (release === undefined) return undefined;
      const both = await tryBetween(await fileOf(key), release);
      if (both === undefined) await release();
      return both;
    },
    async take(key, signal) {
      const release = await here.take(key, signal);
      const file = await fileOf(key);
      const watch = file === undefined ? undefined : watchFile(file, signal);
      try {
        for (;;) {
          const over = watch?.over() ?? signal;
          const both = await tryBetween(file, release);
          if (both !== undefined) return both;
          // Jitter, so that waiting processes do not retry at the same time.
          await delay(clock, pollMs * (0.5 + Math.random()), over).catch(() => {
            signal.throwIfAborted();
          });
        }
      } catch (error) {
        await release();
        throw error;
      } finally {
        watch?.close();
      }
    },
  };
}
