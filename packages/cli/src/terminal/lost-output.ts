import { getSystemErrorMap } from "node:util";
import { ImageSourceError } from "@molecule/core";

/** Why output can no longer be written. */
export interface LostOutput {
  /** One line. */
  readonly message: string;
  /** Undefined if the reader has closed its end, which needs no remedy. */
  readonly error: ImageSourceError | undefined;
}

/** The codes of a closed pipe, socket or terminal. */
const readerGone: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET", "EIO"]);

/** Classifies a write error. Undefined for other errors of stderr, such as a full disk: logs are not the result. */
export function lostOutput(name: "stdout" | "stderr", error: unknown): LostOutput | undefined {
  const { code = "", errno, message } = error as NodeJS.ErrnoException;
  const why = (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
  const text = `cannot write to ${name}: ${why}`;
  if (readerGone.has(code)) return { message: text, error: undefined };
  if (name === "stderr") return undefined;
  const hint = "Free space on the disk that stdout is redirected to, or redirect it elsewhere.";
  const typed = new ImageSourceError({ code: "STORAGE_UNUSABLE", message: text, hint, cause: error });
  return { message: text, error: typed };
}
