import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath, temporaryDirectory } from "@molecule/testkit/internal";
import { killPrograms } from "../programs/kill-programs.js";
import { startKeptProgram } from "../programs/kept-program.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";
import { buildkitPrograms } from "./buildkit-programs.js";

/** Options of a builder. */
export interface BuildkitdOptions {
  /** Where it listens. `tcp://127.0.0.1:0` is a free port. Default: a socket in its directory. */
  readonly address?: string;
  /** Its configuration, in TOML. */
  readonly configuration?: string;
  /** More arguments, such as `--tlscert`. Those that `buildctl` needs to connect are in `clientArgs`. */
  readonly args?: readonly string[];
  readonly clientArgs?: readonly string[];
  /** A command that runs it in another place, such as that of a machine. */
  readonly prefix?: readonly string[];
}

/** A BuildKit builder with its own storage. */
export interface Buildkitd {
  /** For `buildctl --addr`. */
  readonly address: string;
  /** The directory of `buildctl`. */
  readonly programs: string;
  readonly directory: string;
  /** Runs `buildctl` on this builder and returns its output. */
  buildctl(...args: readonly string[]): Promise<string>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Stops it, its steps and its mounts, and removes its files. May be called again. */
  stop(): Promise<void>;
}

/** Starts a builder. Needs root on Linux and runc. Rejects with `ENGINE_UNAVAILABLE` if it is not ready within 30 s. */
export async function startBuildkitd(options: BuildkitdOptions = {}): Promise<Buildkitd> {
  const programs = await buildkitPrograms();
  const directory = (await temporaryDirectory()).path;
  const { args = [], clientArgs = [], prefix = [] } = options;
  let address = options.address ?? `unix://${join(directory, "buildkitd.sock")}`;
  const configuration = join(directory, "buildkitd.toml");
  await writeFile(configuration, options.configuration ?? "");
  const logFile = join(directory, "log");
  const program = startKeptProgram({
    command: [
      ...["/bin/sh", "-c", 'echo $$ >"$DIRECTORY/pid"; exec "$@"', "sh"],
      ...prefix,
      join(programs, "buildkitd"),
      `--addr=${address}`,
      `--root=${join(directory, "root")}`,
      `--config=${configuration}`,
      "--containerd-worker=false",
      "--oci-worker-net=host",
      "--oci-worker-snapshotter=native",
      ...args,
    ],
    logFile,
    env: { HOME: directory, TMPDIR: directory, DIRECTORY: directory },
    tearDown: tearDownBuildkitd,
  });
  const buildctl = async (...rest: readonly string[]): Promise<string> => {
    const all = [`--addr=${address}`, ...clientArgs, ...rest];
    const env = { PATH: programPath(), HOME: directory };
    return (await promisify(execFile)(join(programs, "buildctl"), all, { env })).stdout;
  };
  const isReady = async (): Promise<boolean> => {
    address = (await listeningAddress(logFile)) ?? address;
    return buildctl("debug", "workers").then(
      () => true,
      () => false,
    );
  };
  await waitUntilReady({ name: "buildkitd", program, deadlineMs: 30_000, isReady });
  const kill = async (): Promise<void> => {
    process.kill(Number(await readFile(join(directory, "pid"), "utf8")), "SIGKILL");
    await program.ended;
  };
  return { address, programs, directory, buildctl, kill, stop: () => program.stop() };
}

/** Returns the address that the builder logs once it listens on a port; undefined before, and for a socket. */
async function listeningAddress(logFile: string): Promise<string | undefined> {
  const logged = await readFile(logFile, "utf8").catch(() => "");
  const [, place] = /running server on ([\d.]+:\d+)/.exec(logged) ?? [];
  return place === undefined ? undefined : `tcp://${place}`;
}

const tearDownBuildkitd = `
exec 2>/dev/null
${killPrograms("runc*")}
awk -v below="$DIRECTORY/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
  while read -r mount; do umount -l "$mount"; done
rm -rf --one-file-system "$DIRECTORY"
`;
