import { platformParts, runsOn, type Call, type Platform, type Resolution } from "@molecule/core";
import type { BuildMachine, ImageBuilder } from "./image/image-builder.js";

/**
 * Reports whether a build of the runtime for this platform is emulated, and warns if so. Never rejects.
 * @param machine the machine that builds, if the builder chooses one
 */
export type EmulationNotice = (
  build: Pick<Resolution, "runtime" | "platform">,
  machine: Promise<BuildMachine> | undefined,
  call: Call,
) => Promise<void>;

/** Creates a notice that warns once for each platform of images and of builders. */
export function emulationNotice(builder: Pick<ImageBuilder, "nativePlatform">): EmulationNotice {
  const warned = new Set<string>();
  let own: Platform | undefined;
  return async ({ runtime, platform }, machine, call) => {
    try {
      const native =
        machine === undefined
          ? (own ??= await builder.nativePlatform(runtime, call))
          : (await machine).platform;
      if (native === undefined) return;
      const isEmulated = !runsOn(platformParts(platform), native);
      call.annotate?.({ "molecule.emulated": isEmulated });
      const pair = `${native} ${platform}`;
      if (!isEmulated || warned.has(pair)) return;
      warned.add(pair);
      const hint =
        machine === undefined
          ? "set MOLECULE_IMAGE_PLATFORM=native to build for the engine's own platform"
          : `use builders that run on ${platform}`;
      call.log.warn("the build is emulated, which is slow", { runtime, platform, native, hint });
    } catch (error) {
      // The build itself reports an engine that fails.
      call.log.debug("the platform of the builder could not be determined", { error: String(error) });
    }
  };
}
