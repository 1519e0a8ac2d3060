import { killPrograms } from "../programs/kill-programs.js";

/*
 * Removes what Podman and buildah leave behind of a private storage. The variables are those of its environment, and
 * DIRECTORY. All scripts may be run again, and ignore anything that no longer exists.
 */
export const tearDownStorage = `
exec 2>/dev/null >/dev/null </dev/null
command -v podman && timeout 20 podman rm --all --force --time 0
command -v buildah && timeout 20 buildah rm --all
${killPrograms("conmon*|runc*|crun*|buildah*|fuse-overlayfs*")}
awk -v below="$DIRECTORY/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
  while read -r mount; do umount -l "$mount"; done
rm -rf --one-file-system "$DIRECTORY"
`;
