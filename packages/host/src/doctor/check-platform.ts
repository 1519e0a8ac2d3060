import { readFile } from "node:fs/promises";
import {
  amiss,
  fine,
  platformParts,
  type EngineDescription,
  type Platform,
  type Verdict,
} from "@molecule/core";

/** Other architectures that a processor runs natively. */
const runsToo: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };
/** QEMU's names of architectures. */
const qemuNames: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "i386" };

/**
 * Checks whether the engine's machine can run images of the platform. This cannot be checked for an engine on another
 * machine or in a virtual machine.
 * @param platform undefined for the engine's own
 */
export async function checkPlatform(
  engine: EngineDescription,
  platform: Platform | undefined,
  binfmt = "/proc/sys/fs/binfmt_misc",
): Promise<Verdict> {
  const wanted = platformParts(platform ?? engine.platform).architecture;
  const native = platformParts(engine.platform).architecture;
  const description = platform ?? `${engine.platform}, the engine's own`;
  if (wanted === native || runsToo[native]?.includes(wanted) === true)
    return fine(`the platform is ${description}`);
  if (!engine.address.startsWith("unix://"))
    return fine(
      `the platform is ${description}, the engine's ${engine.platform}; cannot check its emulation remotely`,
    );
  const name = `qemu-${qemuNames[wanted] ?? wanted}`;
  const state = await readFile(`${binfmt}/${name}`, "utf8").catch(() => undefined);
  if (state?.startsWith("enabled") === true)
    return fine(`the platform is ${description}, emulated by ${name}`);
  return amiss(
    `the platform is ${description}, but the engine's is ${engine.platform} and no emulator is registered (${binfmt}/${name})`,
    "Register an emulator (Debian: apt-get install qemu-user-static binfmt-support), or set MOLECULE_IMAGE_PLATFORM to the empty string to use the engine's own platform.",
  );
}
