import { platformParts, runsOn, type Call, type Platform } from "@molecule/core";
import type { ImageBuilder } from "./image/image-builder.js";

/** Reports whether a build for this platform is emulated, and warns if so. Never rejects. */
export type EmulationNotice = (platform: Platform, call: Call) => Promise<void>;

/** Creates a notice that warns once for each platform. */
export function emulationNotice(builder: Pick<ImageBuilder, "nativePlatform">): EmulationNotice {
  const warned = new Set<Platform>();
  let native: Platform | undefined;
  return async (platform, call) => {
    try {
      native ??= await builder.nativePlatform(call);
      const isEmulated = !runsOn(platformParts(platform), native);
      call.annotate?.({ "molecule.emulated": isEmulated });
      if (!isEmulated || warned.has(platform)) return;
      warned.add(platform);
      const hint = "set MOLECULE_IMAGE_PLATFORM=native to build for the engine's own platform";
      call.log.warn("the build is emulated, which is slow", { platform, native, hint });
    } catch (error) {
      // The build itself reports an engine that fails.
      call.log.debug("the engine's own platform could not be determined", { error: String(error) });
    }
  };
}
