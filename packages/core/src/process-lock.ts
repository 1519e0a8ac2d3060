import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Clock, Log } from "./edges.js";
import { createKeyedLock, type KeyedLock, type Release } from "./keyed-lock.js";
import { sweepLockFiles, tryLockFile } from "./lock-file.js";
import { makeOwnDirectories } from "./own-directories.js";
import { pause } from "./pause.js";

const pollMs = 100;

/** What locks between processes need. */
export interface ProcessLockOptions {
  /** Where the locks are; made when the first one is taken. */
  readonly directory: string;
  /** `directory` or above it: from here downwards only directories of the user's own will do. */
  readonly base: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A lock between all processes of this machine that name the same directory, and within this one. Where no lock can be
 * written it holds in this process alone: what is done under it must be right without.
 */
export function createProcessLock({ directory, base, clock, log }: ProcessLockOptions): KeyedLock {
  const here = createKeyedLock();
  let place: Promise<string | undefined> | undefined;

  async function prepared(): Promise<string | undefined> {
    try {
      const own = await makeOwnDirectories(base, directory);
      await sweepLockFiles(own);
      return own;
    } catch (error) {
      without(error);
      return undefined;
    }
  }

  function without(error: unknown): void {
    log.debug("there is no lock between processes", { directory, error: String(error) });
  }

  /** Undefined when another process holds it. */
  async function tryBetween(key: string, release: Release): Promise<Release | undefined> {
    place ??= prepared();
    const own = await place;
    if (own === undefined) return release;
    const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
    try {
      const between = await tryLockFile(join(own, `${name}.lock`));
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
      const both = await tryBetween(key, release);
      if (both === undefined) await release();
      return both;
    },
    async take(key, signal) {
      const release = await here.take(key, signal);
      try {
        for (;;) {
          const both = await tryBetween(key, release);
          if (both !== undefined) return both;
          // Not all in step: of many that wait, each has its own moment.
          await pause(clock, pollMs * (0.5 + Math.random()), signal);
        }
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}
