import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageSourceError, type Env } from "@molecule/core";

const socketOfRoot = "/run/podman/podman.sock";

/**
 * The address of Podman's socket: what `CONTAINER_HOST` says, else the first that is there of the user's own, root's and
 * that of a machine (macOS). Reads the disk, contacts nothing. Rejects with `ENGINE_UNAVAILABLE`.
 */
export async function findPodman(env: Env, ofRoot: string = socketOfRoot): Promise<string> {
  const named = env["CONTAINER_HOST"]?.trim() ?? "";
  if (named !== "") return named;
  const places = socketPlaces(env, ofRoot);
  for (const place of places) if (await isSocket(place)) return `unix://${place}`;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `Podman does not listen: there is no socket at ${places.join(" or ")}`,
    hint: "Start it with `systemctl --user start podman.socket` (root: without --user; macOS: `podman machine start`), or set CONTAINER_HOST.",
  });
}

function socketPlaces(env: Env, ofRoot: string): readonly string[] {
  const below = (base: string | undefined, ...names: readonly string[]): readonly string[] =>
    base?.startsWith("/") === true ? [join(base, ...names)] : [];
  return [
    ...below(env["XDG_RUNTIME_DIR"], "podman", "podman.sock"),
    ofRoot,
    ...below(env["HOME"], ".local", "share", "containers", "podman", "machine", "podman.sock"),
  ];
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch {
    return false;
  }
}
