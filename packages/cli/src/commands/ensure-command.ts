import type { CommonOptions } from "../common-options.js";
import type { Terminal } from "../terminal.js";
import { askImages } from "./ask-images.js";

/** Makes the images ready; prints one reference a line. */
export function ensureCommand(
  runtimes: string[],
  options: CommonOptions,
  terminal: Terminal,
): Promise<number> {
  return askImages(
    runtimes,
    options,
    terminal,
    (images, runtime, caller) => images.ensure(runtime, caller),
    (_runtime, image) => image.reference,
  );
}

/** Like `ensure`, asked anew. */
export function refreshCommand(
  runtimes: string[],
  options: CommonOptions,
  terminal: Terminal,
): Promise<number> {
  return askImages(
    runtimes,
    options,
    terminal,
    (images, runtime, caller) => images.refresh(runtime, caller),
    (_runtime, image) => image.reference,
  );
}
