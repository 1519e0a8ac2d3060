import { findProgram, programPath, runProgram, temporaryDirectory } from "@molecule/testkit/internal";

/** A disk that fills up quickly. */
export interface SmallDisk {
  /** An empty directory that is its own file system. */
  readonly path: string;
  /** Grows or shrinks it, keeping its content. */
  resize(mebibytes: number): Promise<void>;
  /** Makes it read-only for everyone, including root, or writable again. */
  setReadOnly(readOnly: boolean): Promise<void>;
  /** Removes it with everything on it. May be called again. */
  remove(): Promise<void>;
}

/** Creates a disk that fills up quickly. Needs root on Linux: rejects with the error of `mount`. */
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
      // Lazily, because a process that was just killed may still have a file open on it.
      await runProgram(umount, ["-l", path], { env });
      await directory.remove();
    },
  };
}
