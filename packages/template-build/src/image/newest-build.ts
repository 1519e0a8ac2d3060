import {
  isImageSourceError,
  type Call,
  type Clock,
  type ImageInspection,
  type Platform,
} from "@molecule/core";
import type { ImageBuilder } from "./image-builder.js";

/**
 * Inspects the newest build of a runtime, which its alias names, during the lookup of the commit. Usually the newest
 * build is of that commit, and then no other inspection is needed.
 */
export interface NewestBuild {
  /** Inspects the image for this call, unless that was done and the image not taken yet. Never rejects. */
  inspect(alias: string, platform: Platform, call: Call, signal: AbortSignal): Promise<void>;
  /**
   * Returns the image that was inspected in this call, but only once: a second look must see what has changed since.
   * Returns undefined if there is none. Rejects with `ENGINE_UNAVAILABLE` if the inspection did.
   */
  take(call: Call): Promise<ImageInspection | undefined>;
}

interface Look {
  readonly image: Promise<ImageInspection | undefined>;
  endedMs: number;
}

/** How long an inspection is valid: while a slow forge responds, the image may be removed. */
const usableMs = 1_000;

export function newestBuild(builder: ImageBuilder, clock: Clock): NewestBuild {
  const looks = new WeakMap<Call, Look>();
  return {
    async inspect(alias, platform, call, signal) {
      if (looks.has(call)) return;
      const inspecting = (async () => builder.inspect(alias, { ...call, signal }, platform))();
      const image = inspecting.catch((error: unknown) => {
        if (isImageSourceError(error) && error.code === "ENGINE_UNAVAILABLE") throw error;
        return undefined;
      });
      const look: Look = { image, endedMs: 0 };
      looks.set(call, look);
      await image.catch(() => undefined);
      look.endedMs = clock.monotonicMs();
    },
    async take(call) {
      const look = looks.get(call);
      looks.delete(call);
      return look === undefined || clock.monotonicMs() - look.endedMs > usableMs ? undefined : look.image;
    },
  };
}
