import { readFile } from "node:fs/promises";
import {
  amiss,
  doubtful,
  fine,
  platformParts,
  runsOn,
  type EngineDescription,
  type Platform,
  type Verdict,
} from "@molecule/core";

/** QEMU's names of architectures. */
const qemuNames: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "i386" };

const natively = "MOLECULE_IMAGE_PLATFORM=native";

/** The platform to check. */
export interface PlatformQuestion {
  /** Undefined for the engine's own. */
  readonly platform: Platform | undefined;
  /** Where images come from: the engine builds or pulls them, or gets them from other builders. */
  readonly images: "built" | "pulled" | "loaded";
}

/**
 * Checks whether the engine's machine can run images of the platform, and warns if it has to emulate it. The emulators
 * of an engine on another machine or in a virtual machine cannot be seen.
 */
export async function checkPlatform(
  engine: EngineDescription,
  { platform, images }: PlatformQuestion,
  binfmt = "/proc/sys/fs/binfmt_misc",
): Promise<Verdict> {
  if (platform === undefined) return fine(`the platform is ${engine.platform}, the engine's own`);
  const parts = platformParts(platform);
  if (runsOn(parts, engine.platform)) return fine(`the platform is ${platform}`);
  const differs = `the platform is ${platform}, but the engine's is ${engine.platform}`;
  const remedies = {
    built: `Set ${natively} to build without emulation.`,
    pulled: `Set ${natively} if the registry has images for ${engine.platform}.`,
    loaded: `Set ${natively} to build for ${engine.platform}.`,
  };
  const emulated = (by: string): Verdict => {
    const what = images === "built" ? "builds" : "containers";
    return doubtful(`${differs}: ${what} are emulated${by}`, remedies[images]);
  };
  if (!engine.address.startsWith("unix://") || !(await isVisible(binfmt)))
    return emulated("; cannot check the emulator from here");
  const name = `qemu-${qemuNames[parts.architecture] ?? parts.architecture}`;
  const state = await readFile(`${binfmt}/${name}`, "utf8").catch(() => undefined);
  if (state?.startsWith("enabled") === true) return emulated(` by ${name}`);
  return amiss(
    `${differs} and no emulator is registered (${binfmt}/${name})`,
    `Register an emulator (Debian: apt-get install qemu-user-static binfmt-support), or set ${natively}.`,
  );
}

/** The file exists only where Linux lists its emulators: not on macOS, and not in most containers. */
async function isVisible(binfmt: string): Promise<boolean> {
  return readFile(`${binfmt}/status`).then(
    () => true,
    () => false,
  );
}
