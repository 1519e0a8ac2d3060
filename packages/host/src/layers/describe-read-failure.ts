import { types } from "node:util";

/** Returns why a file could not be read: the system's error code, or the message of a failed check. */
export function describeReadFailure(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && "syscall" in error ? `cannot be read: ${code}` : error.message;
}
