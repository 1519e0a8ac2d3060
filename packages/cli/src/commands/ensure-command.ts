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

/** Pulls or builds the images and prints one reference per line. */
export const ensureCommand = printing("ensure");

/** Like `ensure`, but pulls or rebuilds images that are up to date. */
export const refreshCommand = printing("refresh");
