/** Descriptions of system errors, to follow "cannot be used: ". */
const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "resource temporarily unavailable",
  EDQUOT: "the disk quota is exceeded",
  EIO: "input/output error",
  EISDIR: "it is a directory",
  ELOOP: "too many levels of symbolic links",
  EMFILE: "this process has too many files open",
  ENAMETOOLONG: "the path is too long",
  ENFILE: "this machine has too many files open",
  ENOENT: "it does not exist",
  ENOMEM: "out of memory",
  ENOSPC: "no space left on device",
  ENOTDIR: "part of its path is not a directory",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  EXDEV: "it is on another file system",
};

/** Hints for limits of the process or the machine, where no path is at fault. */
const limits: Readonly<Record<string, string>> = {
  EMFILE: "Raise the limit on open files (`ulimit -n`), then retry.",
  ENFILE: "Raise the machine's limit on open files (`sysctl fs.file-max`), then retry.",
  ENOMEM: "Free memory on this machine, then retry.",
};

/** Returns the description of a system error code, or the code itself if it is unknown. */
export function systemWords(code: string): string {
  return words[code] ?? code;
}

/** Returns the hint for a process or machine that ran out of a resource; undefined for any other error. */
export function limitRemedy(error: unknown): string | undefined {
  const code = systemCode(error) ?? "";
  // For a socket, EAGAIN has another meaning.
  if (code === "EAGAIN" && String((error as NodeJS.ErrnoException).syscall).startsWith("spawn"))
    return "Raise the limit on processes (`ulimit -u`), or end some, then retry.";
  return limits[code];
}

/** Returns the code of a failed system call; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  const { code } = error;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
