import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageSourceError } from "@molecule/core";
import { findProgram, temporaryDirectory } from "@molecule/testkit/internal";
import { startKeptProgram } from "../programs/kept-program.js";
import { ping } from "../programs/ping.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";
import { beforeStopEngine, setUpEngine, superviseEngine, tearDownEngine } from "./engine-scripts.js";
import { freeNetwork } from "./free-network.js";

/** Options for starting a private engine. */
export interface PrivateEngineOptions {
  /** Parent of its directory: a local disk with enough space. Default: the system's temporary directory. */
  readonly parentDirectory?: string;
  /** Restarts the daemon whenever it exits, keeping its data, until {@link PrivateEngine.stop}. Default: no. */
  readonly restarts?: boolean;
  /** Whether it offers BuildKit by default, as engines do from 23 on. Default: up to the engine. */
  readonly offersBuildkit?: boolean | undefined;
  /**
   * Where images are stored. The containerd store needs Docker Engine 24 or newer. Default: the value of
   * `MOLECULE_TEST_IMAGE_STORE`, else the engine's default.
   */
  readonly imageStore?: "graph-driver" | "containerd";
}

/** An engine for tests: socket, storage and network are separate from any other engine. */
export interface PrivateEngine {
  /** For `DOCKER_HOST`: `unix://` and the path of its socket. */
  readonly address: string;
  /** Where it stores images and containers. */
  readonly dataRoot: string;
  /** The process of the current daemon, for tests that kill it. */
  daemonPid(): Promise<number>;
  /**
   * Stops the daemon with its containers and removes everything it left: mounts, bridge, control groups, files.
   * May be called again. Runs automatically when this process ends, for whatever reason.
   */
  stop(): Promise<void>;
}

/**
 * Starts a private Docker daemon beside any other: own files, own bridge, no firewall changes. Needs root on
 * Linux. Rejects with `TOOL_MISSING`, or with `ENGINE_UNAVAILABLE` when it is not ready within 30 s.
 */
export async function startPrivateEngine(options: PrivateEngineOptions = {}): Promise<PrivateEngine> {
  needRootOnLinux();
  const dockerd = await findProgram("dockerd", "docker.io");
  const ip = await findProgram("ip", "iproute2");
  const name = `mol${randomBytes(4).toString("hex")}`;
  const network = await freeNetwork(ip);
  const directory = (await temporaryDirectory(options.parentDirectory)).path;
  const dataRoot = join(directory, "data");
  const socketPath = join(directory, "d.sock");
  const temporary = join(directory, "tmp");
  const configuration = join(directory, "daemon.json");
  const pidFile = join(directory, "d.pid");
  await mkdir(temporary);
  await writeFile(configuration, `${JSON.stringify({ features: daemonFeatures(options) })}\n`);

  const program = startKeptProgram({
    command: [
      ...(options.restarts === true ? ["/bin/sh", "-c", superviseEngine, "supervisor"] : []),
      dockerd,
      `--host=unix://${socketPath}`,
      `--data-root=${dataRoot}`,
      `--exec-root=${join(directory, "exec")}`,
      `--pidfile=${pidFile}`,
      `--config-file=${configuration}`,
      "--group=root",
      `--bridge=${name}`,
      "--iptables=false",
      "--ip-forward=false",
      "--ip-masq=false",
      // Puts all its containers in a control group of their own, so that they can be found after the daemon is killed.
      `--cgroup-parent=/${name}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      // A system containerd, if there is one, is shared.
      `--containerd-namespace=${name}`,
      `--containerd-plugins-namespace=${name}-plugins`,
      "--shutdown-timeout=3",
    ],
    logFile: join(directory, "d.log"),
    env: { HOME: directory, TMPDIR: temporary, NAME: name, NETWORK: network, DIRECTORY: directory },
    setUp: setUpEngine,
    beforeStop: beforeStopEngine,
    tearDown: tearDownEngine,
  });
  const isReady = async (): Promise<boolean> => (await ping({ socketPath, path: "/_ping" }))?.status === 200;
  await waitUntilReady({ name: dockerd, program, deadlineMs: 30_000, isReady });
  return {
    address: `unix://${socketPath}`,
    dataRoot,
    daemonPid: async () => Number(await readFile(pidFile, "utf8")),
    stop: () => program.stop(),
  };
}

function daemonFeatures({ offersBuildkit, imageStore }: PrivateEngineOptions): Record<string, boolean> {
  const store = imageStore ?? process.env.MOLECULE_TEST_IMAGE_STORE;
  return {
    ...(offersBuildkit === undefined ? {} : { buildkit: offersBuildkit }),
    ...(store === undefined || store === "" ? {} : { "containerd-snapshotter": store === "containerd" }),
  };
}

function needRootOnLinux(): void {
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "a private Docker daemon can only be started as root on Linux",
    hint: "Start Docker yourself and set DOCKER_HOST, or run this as root on Debian with: apt-get install docker.io iproute2",
  });
}
