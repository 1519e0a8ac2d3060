import { join } from "node:path";
import { ImageSourceError } from "@molecule/core";
import { startKeptProgram, type KeptProgram } from "../kept-program.js";
import { temporaryDirectory } from "../temporary-directory.js";
import { tearDownStorage } from "./podman-scripts.js";
import { writeStorageFiles, type StorageFilesOptions } from "./write-storage-files.js";

/** How a private storage is made. */
export interface ContainerStorageOptions extends StorageFilesOptions {
  /** Where its directory is made: a local disk with room. Default: the system's temporary directory. */
  readonly parentDirectory?: string;
}

/** A containers-storage of one's own, as Podman and buildah share one. */
export interface ContainerStorage {
  /** The whole environment that leads there, but for PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  /**
   * Removes what it holds: containers, mounts, files. May be called again. Happens automatically when this process ends, in
   * whichever way.
   */
  stop(): Promise<void>;
}

/** Makes a storage. Needs root on Linux: rejects with `ENGINE_UNAVAILABLE`. */
export async function startContainerStorage(
  options: ContainerStorageOptions = {},
): Promise<ContainerStorage> {
  const { program, ...storage } = await keepStorage(options, () => ["/bin/sleep", "infinity"]);
  return { ...storage, stop: () => program.stop() };
}

/** A storage that lives as long as the program does. */
export async function keepStorage(
  { parentDirectory, ...files }: ContainerStorageOptions,
  command: (directory: string) => readonly string[],
): Promise<Pick<ContainerStorage, "env" | "directory"> & { readonly program: KeptProgram }> {
  needRootOnLinux();
  const directory = (await temporaryDirectory(parentDirectory)).path;
  const env = await writeStorageFiles(directory, files);
  const program = startKeptProgram({
    command: command(directory),
    logFile: join(directory, "log"),
    env: { ...env, DIRECTORY: directory },
    tearDown: tearDownStorage,
  });
  return { env, directory, program };
}

function needRootOnLinux(): void {
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "a private container storage can only be made as root on Linux",
    hint: "Run this as root on Debian with: apt-get install podman buildah runc",
  });
}
