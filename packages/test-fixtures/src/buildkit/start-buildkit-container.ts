import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram, programPath, temporaryDirectory } from "@molecule/testkit/internal";
import { buildkitPrograms } from "./buildkit-programs.js";

/** A BuildKit builder in a container. */
export interface BuildkitContainer {
  /** The name of the container. */
  readonly name: string;
  /** Runs the docker CLI on its engine and returns the output. */
  docker(...args: readonly string[]): Promise<string>;
  /** Removes the container and its image. */
  stop(): Promise<void>;
}

/**
 * Starts a builder in a container of the engine. Its image contains BuildKit; runc and its libraries are those of the
 * engine's machine. Rejects with `TOOL_MISSING` without the docker CLI.
 */
export async function startBuildkitContainer(engine: {
  readonly address: string;
}): Promise<BuildkitContainer> {
  const file = await findProgram("docker", "docker.io");
  const programs = await buildkitPrograms();
  const name = `buildkit-${randomBytes(5).toString("hex")}`;
  const env = { PATH: programPath(), DOCKER_HOST: engine.address };
  const run = async (command: string, ...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)(command, args, { env })).stdout;
  const docker: BuildkitContainer["docker"] = (...args) => run(file, ...args);

  const root = await temporaryDirectory();
  try {
    for (const directory of ["tmp", "usr"]) await mkdir(join(root.path, directory));
    for (const link of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${link}`, join(root.path, link));
    const pack =
      'tar -c -C "$1" . -C "$2" buildctl buildkitd | "$3" import --change "ENV PATH=/:/usr/sbin:/usr/bin" - "$4"';
    await run("/bin/sh", "-ec", pack, "sh", root.path, programs, file, name);
  } finally {
    await root.remove();
  }
  const stop = async (): Promise<void> => {
    try {
      await docker("rm", "--force", "--volumes", name);
    } finally {
      await docker("rmi", name);
    }
  };
  try {
    await docker(
      ...["run", "--detach", "--name", name, "--network=host"],
      // A test's machine may lack some of the rights that `--privileged` means.
      ...["--cap-add=SYS_ADMIN", "--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"],
      ...["--volume=/usr:/usr:ro", "--volume=/sys/fs/cgroup:/sys/fs/cgroup", name, "/buildkitd"],
      ...["--containerd-worker=false", "--oci-worker-net=host", "--oci-worker-snapshotter=native"],
    );
  } catch (error) {
    // The container may not exist.
    await stop().catch(() => undefined);
    throw error;
  }
  return { name, docker, stop };
}
