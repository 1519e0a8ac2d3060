import { isImageSourceError, systemCode, type Call } from "@molecule/core";
import type { RuntimeOptions } from "../options/runtime-options.js";
import type { WorkingCopy } from "./locate-working-copy.js";
import type { Content } from "./read-content.js";
import { withWorkingCopyFaults, workingCopyUnreadable } from "./working-copy-faults.js";

/** Returns the current content of a working copy. Fails like `readContent`. */
export async function readWorkingCopy(
  { path, directory }: WorkingCopy,
  options: RuntimeOptions,
  { signal }: Pick<Call, "signal">,
): Promise<Content> {
  // Loaded only for a working copy: a hit of a commit starts faster without it.
  const { readContent } = await import("./read-content.js");
  try {
    return await withWorkingCopyFaults(path, () => readContent({ directory, options, signal }));
  } catch (error) {
    const isRefused =
      isImageSourceError(error) && ["EACCES", "EPERM"].includes(systemCode(error.cause) ?? "");
    throw isRefused ? workingCopyUnreadable(path, error) : error;
  }
}
