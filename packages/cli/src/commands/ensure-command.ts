import type { CommonOptions } from "../options/common-options.js";
import type { Terminal } from "../terminal/terminal.js";
import { askImages } from "./ask-images.js";

type EnsureCommand = (runtimes: string[], options: CommonOptions, terminal: Terminal) => Promise<number>;

const printing =
  (verb: "ensure" | "refresh"): EnsureCommand =>
  (runtimes, options, terminal) =>
    askImages(
      runtimes,
      options,
      terminal,
      (images, runtime, caller) => images[verb](runtime, caller),
      (_runtime, image) => [image.reference],
    );

/** Makes the images ready; prints one reference a line. */
export const ensureCommand = printing("ensure");

/** Like `ensure`, asked anew. */
export const refreshCommand = printing("refresh");
