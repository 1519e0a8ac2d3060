import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageSourceError, type Env } from "@molecule/core";
import { ownUserId } from "@molecule/node-edges";

const socketOfRoot = "/run/podman/podman.sock";
/** Below it systemd gives each user a directory, which `su` and cron do not name in XDG_RUNTIME_DIR. */
const runtimeDirs = "/run/user";

/**
 * The address of Podman's socket: what `CONTAINER_HOST` says, else the first that exists of the user's own, root's and
 * that of a machine (macOS). A runtime directory of another user does not count: `sudo -E` keeps its name. Reads the disk,
 * contacts nothing. Rejects with `ENGINE_UNAVAILABLE`.
 */
export async function findPodman(
  env: Env,
  ofRoot: string = socketOfRoot,
  ofUsers: string = runtimeDirs,
): Promise<string> {
  const named = env["CONTAINER_HOST"]?.trim() ?? "";
  if (named !== "") return named;
  const places = socketPlaces(await runtimeDir(env, ofUsers), env, ofRoot);
  for (const place of places) if (await isSocket(place)) return `unix://${place}`;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `Podman is not listening: no socket at ${places.join(" or ")}`,
    hint: "Start it with `systemctl --user enable --now podman.socket` (root: without --user; macOS: `podman machine start`), or set CONTAINER_HOST.",
  });
}

async function runtimeDir(env: Env, ofUsers: string): Promise<string | undefined> {
  const user = ownUserId();
  const named = env["XDG_RUNTIME_DIR"] ?? "";
  const place = named !== "" || user === undefined ? named : join(ofUsers, String(user));
  const owner = await stat(place).then(
    ({ uid }) => uid,
    () => user,
  );
  return user === undefined || owner === user ? place : undefined;
}

function socketPlaces(runtime: string | undefined, env: Env, ofRoot: string): readonly string[] {
  const below = (base: string | undefined, ...names: readonly string[]): readonly string[] =>
    base?.startsWith("/") === true ? [join(base, ...names)] : [];
  return [
    ...below(runtime, "podman", "podman.sock"),
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
