import { types } from "node:util";

/** Why a file could not be read: what the system said, or the message of the check that refused it. */
export function describeReadFailure(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && "syscall" in error ? `cannot be read: ${code}` : error.message;
}
