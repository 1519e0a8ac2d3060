import { getSystemErrorMap } from "node:util";
import { ImageSourceError } from "@molecule/core";

/** Why output cannot be written any more. */
export interface LostOutput {
  /** One line. */
  readonly message: string;
  /** Undefined where the reader has gone: that needs no remedy. */
  readonly error: ImageSourceError | undefined;
}

/** The other end of a pipe or socket was closed, or the terminal has gone. */
const readerGone: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET", "EIO"]);

/** Undefined for a full disk under stderr: logs are not the result. */
export function lostOutput(name: "stdout" | "stderr", error: unknown): LostOutput | undefined {
  const { code = "", errno, message } = error as NodeJS.ErrnoException;
  const why = (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
  const text = `cannot write to ${name}: ${why}`;
  if (readerGone.has(code)) return { message: text, error: undefined };
  if (name === "stderr") return undefined;
  const hint = "Free disk space for the file that stdout is redirected to, then retry.";
  const typed = new ImageSourceError({ code: "STORAGE_UNUSABLE", message: text, hint, cause: error });
  return { message: text, error: typed };
}
