import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, temporaryDirectory } from "@molecule/testkit/internal";
import { ping } from "../programs/ping.js";
import { startKeptProgram } from "../programs/kept-program.js";
import { waitUntilReady } from "../programs/wait-until-ready.js";
import { writeStorageFiles } from "./write-storage-files.js";

/** Options of an ordinary user. */
export interface OrdinaryUserOptions {
  /** Whether the user has a Podman service of its own, listening in `XDG_RUNTIME_DIR`. Default: no. */
  readonly servesPodman?: boolean;
  /** Whether builds can map users: ranges in /etc/subuid and /etc/subgid. Default: yes. */
  readonly mapsUsers?: boolean;
}

/** A non-root user of this machine, with its own home directory and containers-storage. */
export interface OrdinaryUser {
  readonly uid: number;
  /** The home directory. */
  readonly directory: string;
  /** The whole environment of the user's programs, except PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns the command that runs this one as the user. */
  command(program: string, args: readonly string[]): readonly [string, readonly string[]];
  /**
   * Kills the user's processes, and removes the user and its files. May be called again. Runs automatically when this
   * process ends, for whatever reason.
   */
  stop(): Promise<void>;
}

/** Creates a user. Needs root on Linux, and the packages passwd, util-linux and uidmap. Rejects with `TOOL_MISSING`. */
export async function startOrdinaryUser(options: OrdinaryUserOptions = {}): Promise<OrdinaryUser> {
  const { servesPodman = false, mapsUsers = true } = options;
  await findProgram("useradd", "passwd");
  await findProgram("newuidmap", "uidmap");
  const setpriv = await findProgram("setpriv", "util-linux");
  const directory = (await temporaryDirectory()).path;
  const env = await writeStorageFiles(directory, {});
  const name = `mol${randomBytes(4).toString("hex")}`;
  const command: OrdinaryUser["command"] = (program, args) => [
    setpriv,
    [`--reuid=${name}`, `--regid=${name}`, "--init-groups", "--inh-caps=-all", "--", program, ...args],
  ];
  const [file, args] = servesPodman
    ? command(await findProgram("podman", "podman"), ["system", "service", "--time=0"])
    : command("/bin/sleep", ["infinity"]);
  const program = startKeptProgram({
    command: ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", withNetworkDevice, "sh", file, ...args],
    logFile: join(directory, "log"),
    env: { ...env, DIRECTORY: directory, NAME: name, MAPS_USERS: mapsUsers ? "yes" : "" },
    setUp: makeUser,
    tearDown: removeUser,
  });
  const socketPath = join(directory, "runtime", "podman", "podman.sock");
  const uid = async (): Promise<number> => Number(await readFile(join(directory, "uid"), "utf8"));
  const isReady = async (): Promise<boolean> =>
    servesPodman
      ? (await ping({ socketPath, path: "/_ping" }))?.status === 200
      : uid().then(
          (found) => found > 0,
          () => false,
        );
  await waitUntilReady({ name: file, program, deadlineMs: 30_000, isReady });
  return { uid: await uid(), directory, env, command, stop: () => program.stop() };
}

/** slirp4netns opens the device as the user. udev grants that access; a machine without udev does not. */
const withNetworkDevice = `
mkdir -p /dev/net
mount -t tmpfs -o mode=755 tmpfs /dev/net
mknod -m 666 /dev/net/tun c 10 200
exec "$@"
`;

// Only one program at a time may change the user database.
const patiently = `
patiently() {
  turns=0
  until "$@"; do [ $turns -lt 50 ] || return 1; turns=$((turns + 1)); sleep 0.2; done
}
`;

const makeUser = `
${patiently}
patiently useradd --no-create-home --home-dir "$DIRECTORY" --shell /bin/sh "$NAME"
ranges() { grep "^$NAME:" "$1" 2>/dev/null | cut -d: -f2,3 | while IFS=: read -r first count; do echo "$first-$((first + count - 1))"; done; }
if [ -z "$MAPS_USERS" ]; then
  for range in $(ranges /etc/subuid); do patiently usermod --del-subuids "$range" "$NAME"; done
  for range in $(ranges /etc/subgid); do patiently usermod --del-subgids "$range" "$NAME"; done
elif [ -z "$(ranges /etc/subuid)" ]; then
  patiently usermod --add-subuids 1000000-1065535 --add-subgids 1000000-1065535 "$NAME"
fi
chown -R "$NAME:$NAME" "$DIRECTORY"
id -u "$NAME" >"$DIRECTORY/uid.part"
mv "$DIRECTORY/uid.part" "$DIRECTORY/uid"
`;

const removeUser = `
exec 2>/dev/null >/dev/null </dev/null
${patiently}
uid=$(id -u "$NAME")
turns=0
while [ -n "$uid" ] && [ $turns -lt 50 ]; do
  running=
  for process in /proc/[0-9]*; do
    [ "$(stat -c %u "$process")" = "$uid" ] || continue
    running=yes
    kill -KILL "\${process#/proc/}"
  done
  [ -n "$running" ] || break
  turns=$((turns + 1))
  sleep 0.1
done
# What runs inside of its user namespaces has a user of its range.
patiently userdel "$NAME"
rm -rf --one-file-system "$DIRECTORY"
`;
