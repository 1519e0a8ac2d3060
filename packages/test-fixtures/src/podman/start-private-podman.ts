import { join } from "node:path";
import { findProgram } from "@molecule/testkit/internal";
import { ping } from "../programs/ping.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";
import {
  keepStorage,
  type ContainerStorage,
  type ContainerStorageOptions,
} from "./start-container-storage.js";

/** A Podman service, and the storage that it uses. */
export interface PrivatePodman extends ContainerStorage {
  /** For `CONTAINER_HOST`: `unix://` and the path of its socket. */
  readonly address: string;
}

/**
 * Starts a private Podman service: own socket, own storage, no changes to the machine. Needs root on Linux.
 * Rejects with `TOOL_MISSING`, or with `ENGINE_UNAVAILABLE` when it is not ready within 30 s.
 */
export async function startPrivatePodman(options: ContainerStorageOptions = {}): Promise<PrivatePodman> {
  const podman = await findProgram("podman", "podman");
  const socketIn = (directory: string): string => join(directory, "p.sock");
  const { program, env, directory } = await keepStorage(options, (place) => [
    podman,
    "system",
    "service",
    "--time=0",
    `unix://${socketIn(place)}`,
  ]);
  const socketPath = socketIn(directory);
  const isReady = async (): Promise<boolean> => (await ping({ socketPath, path: "/_ping" }))?.status === 200;
  await waitUntilReady({ name: podman, program, deadlineMs: 30_000, isReady });
  return { address: `unix://${socketPath}`, env, directory, stop: () => program.stop() };
}
