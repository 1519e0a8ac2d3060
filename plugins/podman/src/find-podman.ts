import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageSourceError, type Env } from "@molecule/core";
import { ownUserId } from "@molecule/node-edges";

const socketOfRoot = "/run/podman/podman.sock";
/** systemd creates a directory for each user here. `su` and cron do not set XDG_RUNTIME_DIR to it. */
const runtimeDirs = "/run/user";

/**
 * Returns the address of Podman's socket: `CONTAINER_HOST`, else the first existing socket of the user, of root or of
 * `podman machine` (macOS). Ignores a runtime directory of another user, because `sudo -E` keeps the variable. Reads the
 * disk, contacts nothing. Rejects with `ENGINE_UNAVAILABLE`.
 */
export async function findPodman(
  env: Env,
  rootSocket: string = socketOfRoot,
  userRuntimeDirs: string = runtimeDirs,
): Promise<string> {
  const named = env["CONTAINER_HOST"]?.trim() ?? "";
  if (named !== "") return named;
  const places = socketPlaces(await runtimeDir(env, userRuntimeDirs), env, rootSocket);
  for (const place of places) if (await isSocket(place)) return `unix://${place}`;
  throw new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `Podman is not listening: no socket at ${places.join(" or ")}`,
    hint: "Start it with `systemctl --user enable --now podman.socket` (root: without --user; macOS: `podman machine start`), or set CONTAINER_HOST.",
  });
}

async function runtimeDir(env: Env, userRuntimeDirs: string): Promise<string | undefined> {
  const user = ownUserId();
  const named = env["XDG_RUNTIME_DIR"] ?? "";
  const place = named !== "" || user === undefined ? named : join(userRuntimeDirs, String(user));
  const owner = await stat(place).then(
    ({ uid }) => uid,
    () => user,
  );
  return user === undefined || owner === user ? place : undefined;
}

function socketPlaces(runtime: string | undefined, env: Env, rootSocket: string): readonly string[] {
  const below = (base: string | undefined, ...names: readonly string[]): readonly string[] =>
    base?.startsWith("/") === true ? [join(base, ...names)] : [];
  return [
    ...below(runtime, "podman", "podman.sock"),
    rootSocket,
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
