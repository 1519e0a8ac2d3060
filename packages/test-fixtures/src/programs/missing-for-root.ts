import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { programPath } from "@molecule/testkit/internal";

/** Returns what this process lacks to run these programs as root on Linux; undefined if nothing. */
export function missingForRoot(programs: readonly string[]): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs root on Linux";
  const absent = programs.filter((name) => !isInPath(name));
  return absent.length === 0 ? undefined : `${absent.join(", ")} not in PATH`;
}

function isInPath(name: string): boolean {
  return programPath()
    .split(delimiter)
    .some((place) => {
      try {
        accessSync(join(place, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
