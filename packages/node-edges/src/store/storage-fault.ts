import { isImageSourceError, limitRemedy, storageUnusable, systemCode } from "@molecule/core";
import { takeBack, UnsafePlace } from "./own-directories.js";

/**
 * Returns a file system error as `STORAGE_UNUSABLE` that names the place and how to repair it; any other error as it is.
 * @param path where it happened, unless the error says so
 * @param base the highest directory that must belong to the user
 */
export function storageFault(error: unknown, path: string, base: string): unknown {
  if (isImageSourceError(error)) return error;
  if (error instanceof UnsafePlace)
    return storageUnusable(error.place, error.why, error).with({ hint: orElsewhere(error.remedy) });
  const code = systemCode(error);
  if (code === undefined) return error;
  const place = (error as NodeJS.ErrnoException).path ?? path;
  const unusable = storageUnusable(place, code, error);
  // Moving the cache helps, unless the process or the machine has run out of something.
  if (limitRemedy(error) !== undefined) return unusable;
  const isRefused = code === "EACCES" || code === "EPERM";
  const remedy = isRefused ? takeBack(base) : `Make ${place} writable and leave space on its disk`;
  return unusable.with({ hint: orElsewhere(remedy) });
}

function orElsewhere(remedy: string): string {
  return `${remedy}, or set MOLECULE_LOCAL_BUILD_CACHE to another directory.`;
}
