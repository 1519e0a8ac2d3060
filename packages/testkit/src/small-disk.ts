import { findProgram, programPath, runProgram } from "./programs.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** A disk that is soon full. */
export interface SmallDisk {
  /** An empty directory that is a file system of its own. */
  readonly path: string;
  /** Makes it larger, or smaller, with what is on it. */
  resize(mebibytes: number): Promise<void>;
  /** Forbids writing for everybody, root included; or allows it again. */
  setReadOnly(readOnly: boolean): Promise<void>;
  /** Takes it away with everything on it. May be repeated. */
  remove(): Promise<void>;
}

/** A disk that fills up soon. Needs root on Linux: rejects with what `mount` says. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const mount = await findProgram("mount", "mount");
  const umount = await findProgram("umount", "mount");
  const directory = await temporaryDirectory();
  const { path } = directory;
  const env = { PATH: programPath(), LC_ALL: "C" };
  const mounted = (options: string): Promise<string> =>
    runProgram(mount, ["-t", "tmpfs", "-o", options, "tmpfs", path], { env });
  try {
    await mounted(`size=${String(mebibytes)}m`);
  } catch (error) {
    await directory.remove();
    throw error;
  }
  let isMounted = true;
  return {
    path,
    resize: async (size) => {
      await mounted(`remount,size=${String(size)}m`);
    },
    setReadOnly: async (readOnly) => {
      await mounted(`remount,${readOnly ? "ro" : "rw"}`);
    },
    remove: async () => {
      if (!isMounted) return;
      isMounted = false;
      // Lazily: what was killed a moment ago may still hold a file of it.
      await runProgram(umount, ["-l", path], { env });
      await directory.remove();
    },
  };
}
