import { platformParts, runsOn, type Call, type Platform } from "@molecule/core";
import type { ImageBuilder } from "./image/image-builder.js";

/** Warns before a build for a platform that the engine must emulate. Never rejects. */
export type EmulationNotice = (platform: Platform, call: Call) => Promise<void>;

/** Creates a notice that warns once for each platform. */
export function emulationNotice(builder: Pick<ImageBuilder, "nativePlatform">): EmulationNotice {
  const seen = new Set<Platform>();
  return async (platform, call) => {
    if (seen.has(platform)) return;
    seen.add(platform);
    try {
      const native = await builder.nativePlatform(call);
      if (runsOn(platformParts(platform), native)) return;
      const hint = "set MOLECULE_IMAGE_PLATFORM=native to build for the engine's own platform";
      call.log.warn("the build is emulated, which is slow", { platform, native, hint });
    } catch (error) {
      seen.delete(platform);
      // The build itself reports an engine that fails.
      call.log.debug("the engine's own platform could not be determined", { error: String(error) });
    }
  };
}
