/**
 * Returns shell commands that kill the programs with these names (a `case` pattern) that have a path below DIRECTORY in
 * their arguments, and wait for them: until a killed process is gone, it still has files and arguments.
 */
export const killPrograms = (names: string): string => `
for process in /proc/[0-9]*; do
  read -r name <"$process/comm" || continue
  case $name in
    ${names}) grep -qaF "$DIRECTORY/" "$process/cmdline" || continue ;;
    *) continue ;;
  esac
  kill -KILL "\${process#/proc/}"
  turns=0
  while grep -qa . "$process/cmdline" && [ $turns -lt 50 ]; do sleep 0.1; turns=$((turns + 1)); done
done
`;
