import { killPrograms } from "../kill-programs.js";

/*
 * What Podman and buildah leave of a storage of one's own. The variables are those of the storage's environment, and
 * DIRECTORY. Everything here may be repeated and minds nothing that is gone.
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
