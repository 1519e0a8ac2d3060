import { resourceExhausted, storageUnusable, type ImageSourceError } from "@molecule/core";

/*
 * Messages of git after a failed system call. Measured with git 2.39.5, limits lowered and LC_ALL=C:
 *
 * error: cannot create standard output pipe for git-upload-pack '…': Too many open files
 * fatal: unable to write loose object file: No space left on device
 * /home/…/.git: Read-only file system
 * error: unable to write file big
 */

/** The messages of strerror(3), which come last. */
const codes: Readonly<Record<string, string>> = {
  "No space left on device": "ENOSPC",
  "Disk quota exceeded": "EDQUOT",
  "Read-only file system": "EROFS",
  "Permission denied": "EACCES",
  "Input/output error": "EIO",
  "Too many open files": "EMFILE",
  "Too many open files in system": "ENFILE",
  "Cannot allocate memory": "ENOMEM",
};

const systemMessages = new RegExp(`: (${Object.keys(codes).join("|")})$`, "m");
// error: cannot fork() for index-pack: Resource temporarily unavailable
const noProcess = /^(?:error|fatal): .*\b(?:fork|thread)\b.*: Resource temporarily unavailable$/m;
const ownMessages = /: (File too large)$|^error: (unable to write file) |write error\. (Out of diskspace)$/m;

/**
 * Returns `STORAGE_UNUSABLE` if git could not write, or ran out of files, memory or processes; otherwise undefined.
 * @param place where git wrote
 * @param what the operation that failed
 */
export function gitSystemFault(text: string, place: string, what: string): ImageSourceError | undefined {
  const code = codes[systemMessages.exec(text)?.[1] ?? ""];
  // The one rule for exhausted limits goes by the error of a system call.
  const error = noProcess.test(text) ? { code: "EAGAIN", syscall: "spawn git" } : { code };
  const exhausted = resourceExhausted(what, error);
  if (exhausted !== undefined) return exhausted;
  const own = ownMessages.exec(text)?.slice(1).find(Boolean);
  const why = code ?? (own === "Out of diskspace" ? "ENOSPC" : own);
  if (why === undefined) return undefined;
  const fault = storageUnusable(place, why);
  return fault.with({ message: `${what}: ${fault.message}` });
}
