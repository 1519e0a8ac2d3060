import { killPrograms } from "../programs/kill-programs.js";

/*
 * Scripts that set up the machine for a private engine, and clean up after it. The variables are NAME (of the bridge and of the
 * control group), NETWORK and DIRECTORY. All scripts may be run again, and ignore anything that no longer exists.
 */

/** Creates the bridge that containers are attached to. */
export const setUpEngine = `
ip link add name "$NAME" type bridge
ip address add "$NETWORK" dev "$NAME"
ip link set "$NAME" up
`;

/** Restarts the daemon whenever it exits, as a service manager does, until it is asked to stop. */
export const superviseEngine = `
trap 'trap "" TERM; kill -TERM $daemon; wait $daemon; exit' TERM
while :; do
  "$@" &
  daemon=$!
  wait $daemon
  sleep 0.5
done
`;

const killContainers = `
groups=$(find /sys/fs/cgroup -maxdepth 2 -type d -name "$NAME")
for group in $groups; do
  find "$group" -name cgroup.procs -exec cat {} + | while read -r process; do kill -KILL "$process"; done
done
`;

/** The daemon itself would give each container ten seconds. */
export const beforeStopEngine = killContainers;

/** Cleans up after a daemon, even one that was killed: its processes, its mounts, the bridge and the directory. */
export const tearDownEngine = `
exec 2>/dev/null
${killPrograms("containerd*|runc*")}
${killContainers}
for group in $groups; do
  turns=0
  while [ -d "$group" ] && [ $turns -lt 20 ]; do
    find "$group" -depth -type d -exec rmdir {} ';'
    [ -d "$group" ] && sleep 0.1
    turns=$((turns + 1))
  done
done
awk -v below="$DIRECTORY/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
  while read -r mount; do umount -l "$mount"; done
ip link delete "$NAME"
rm -rf --one-file-system "$DIRECTORY"
`;
