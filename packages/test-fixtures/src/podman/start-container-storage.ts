import { join } from "node:path";
import { ImageSourceError } from "@molecule/core";
import { temporaryDirectory } from "@molecule/testkit/internal";
import { startKeptProgram, type KeptProgram } from "../programs/kept-program.js";
import { tearDownStorage } from "./podman-scripts.js";
import { writeStorageFiles, type StorageFilesOptions } from "./write-storage-files.js";

/** Options of a private storage. */
export interface ContainerStorageOptions extends StorageFilesOptions {
  /** Parent of its directory: a local disk with enough space. Default: the system's temporary directory. */
  readonly parentDirectory?: string;
}

/** A private containers-storage, which Podman and buildah can share. */
export interface ContainerStorage {
  /** The whole environment that selects it, except PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  /**
   * Removes everything in it: containers, mounts, files. May be called again. Runs automatically when this process
   * ends, for whatever reason.
   */
  stop(): Promise<void>;
}

/** Creates a storage. Needs root on Linux, else rejects with `ENGINE_UNAVAILABLE`. */
export async function startContainerStorage(
  options: ContainerStorageOptions = {},
): Promise<ContainerStorage> {
  const { program, ...storage } = await keepStorage(options, () => ["/bin/sleep", "infinity"]);
  return { ...storage, stop: () => program.stop() };
}

/** Creates a storage that exists for as long as the program runs. */
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
