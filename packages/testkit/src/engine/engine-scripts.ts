import { killPrograms } from "../kill-programs.js";

/*
 * What a private engine needs of the machine and leaves on it. The variables are NAME (of the bridge and of the
 * control group), NETWORK and DIRECTORY. Everything here may be repeated and minds nothing that is gone.
 */

/** The bridge that containers are plugged into. */
export const setUpEngine = `
ip link add name "$NAME" type bridge
ip address add "$NETWORK" dev "$NAME"
ip link set "$NAME" up
`;

/** Runs the daemon again whenever it ends, as a service manager does, until it is asked to end itself. */
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

/** The daemon would give each container ten seconds. */
export const beforeStopEngine = killContainers;

/** After the daemon: what it could not end itself when it was killed, its mounts, the bridge and the directory. */
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
