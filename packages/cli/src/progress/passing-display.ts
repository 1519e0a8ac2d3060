import { internal, isImageSourceError, type ImageProvider, type ImageSourceError } from "@molecule/core";
import type { CommonOptions } from "../options/common-options.js";
import type { Terminal } from "../terminal/terminal.js";
import { createProgressDisplay } from "./progress-display.js";
import { slowSteps, type ProgressDisplay } from "./display.js";

/** A display that is open only while an image is being pulled or built, for commands that are mostly idle. */
export interface PassingDisplay {
  /** Ensures an image and shows its progress. */
  readonly ensure: ImageProvider["ensure"];
  /** Runs a write that may go to the same terminal. */
  aside(write: () => void): Promise<void>;
}

export function passingDisplay(
  images: Pick<ImageProvider, "ensure">,
  options: CommonOptions,
  terminal: Terminal,
): PassingDisplay {
  const busy = new Set<string>();
  let display: ProgressDisplay | undefined;

  async function settle(runtime: string, error?: ImageSourceError): Promise<void> {
    const open = display;
    open?.settle(runtime, error);
    busy.delete(runtime);
    if (busy.size > 0) return;
    display = undefined;
    await open?.close();
  }

  return {
    ensure: async (runtime, caller = {}) => {
      const onProgress: typeof caller.onProgress = (event) => {
        if (slowSteps.has(event.step)) busy.add(event.runtime);
        display ??= createProgressDisplay(options, terminal, []);
        caller.onProgress?.(event);
        return display.listener(event);
      };
      try {
        const image = await images.ensure(runtime, { ...caller, onProgress });
        await settle(runtime);
        return image;
      } catch (reason) {
        await settle(runtime, isImageSourceError(reason) ? reason : internal(reason));
        throw reason;
      }
    },
    aside: async (write) => {
      if (display === undefined) write();
      else await display.aside(write);
    },
  };
}
