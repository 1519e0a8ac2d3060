import { createHash } from "node:crypto";
import type { Clock } from "@molecule/core";

const keptMs = 10 * 60_000;
const maxKept = 1000;

/** Recognises requests that are sent again. Remembers the last thousand, for ten minutes. */
export interface SeenRequests {
  /** Records a body. Returns whether it was recorded before. */
  hasSeen(body: Uint8Array): boolean;
}

export function seenRequests(clock: Clock): SeenRequests {
  const seen = new Map<string, number>();
  return {
    hasSeen(body) {
      const now = clock.monotonicMs();
      const key = createHash("sha256").update(body).digest("base64");
      const before = seen.get(key);
      if (before !== undefined && now - before < keptMs) return true;
      // Moved to the end, so that the first key is always the oldest.
      seen.delete(key);
      seen.set(key, now);
      const [oldest] = seen.keys();
      if (seen.size > maxKept && oldest !== undefined) seen.delete(oldest);
      return false;
    },
  };
}
