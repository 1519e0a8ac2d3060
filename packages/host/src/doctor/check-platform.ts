import { readFile } from "node:fs/promises";
import {
  amiss,
  fine,
  platformParts,
  type EngineDescription,
  type Platform,
  type Verdict,
} from "@molecule/core";

/** What else a processor runs by itself. */
const runsToo: Readonly<Record<string, readonly string[]>> = { amd64: ["386"], arm64: ["arm"] };
/** As QEMU calls them. */
const qemuNames: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "i386" };

/**
 * Whether the engine's machine can run what is built for the platform. Where that machine is another one, or a virtual
 * one, that cannot be seen from here.
 * @param platform undefined: the engine's own
 */
export async function checkPlatform(
  engine: EngineDescription,
  platform: Platform | undefined,
  binfmt = "/proc/sys/fs/binfmt_misc",
): Promise<Verdict> {
  const wanted = platformParts(platform ?? engine.platform).architecture;
  const native = platformParts(engine.platform).architecture;
  const asked = platform ?? `${engine.platform}, the engine's own`;
  if (wanted === native || runsToo[native]?.includes(wanted) === true)
    return fine(`the platform is ${asked}`);
  if (!engine.address.startsWith("unix://"))
    return fine(`the platform is ${asked}, the engine's ${engine.platform}; cannot tell whether it emulates`);
  const name = `qemu-${qemuNames[wanted] ?? wanted}`;
  const state = await readFile(`${binfmt}/${name}`, "utf8").catch(() => undefined);
  if (state?.startsWith("enabled") === true) return fine(`the platform is ${asked}, emulated by ${name}`);
  return amiss(
    `the platform is ${asked}, the engine's is ${engine.platform}, and no emulator for it is registered (${binfmt}/${name})`,
    "Register one (Debian: apt-get install qemu-user-static binfmt-support), or set MOLECULE_IMAGE_PLATFORM to the empty string for the engine's own platform.",
  );
}
