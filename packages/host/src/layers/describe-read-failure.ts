import { types } from "node:util";
import { systemCode, systemWords } from "@molecule/core";

/** Returns why a file could not be read: the system's error in words, or the message of a failed check. */
export function describeReadFailure(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const code = systemCode(error);
  return code !== undefined && "syscall" in error ? `cannot be read: ${systemWords(code)}` : error.message;
}
