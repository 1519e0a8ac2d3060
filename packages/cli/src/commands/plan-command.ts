import type { CommonOptions } from "../options/common-options.js";
import type { Terminal } from "../terminal/terminal.js";
import { askImages } from "./ask-images.js";

const verbs = { build: "built", pull: "pulled", load: "loaded" } as const;

/** Prints what `ensure` would do. */
export function planCommand(runtimes: string[], options: CommonOptions, terminal: Terminal): Promise<number> {
  return askImages(
    runtimes,
    options,
    terminal,
    (images, runtime, caller) => images.plan(runtime, caller),
    (runtime, { reference, step, buildArgs, why, source, because }) => {
      const verdict =
        step === null ? "is ready" : `would be ${verbs[step]}: ${why?.replace(`: ${reference}`, "") ?? ""}`;
      const lines = [`${runtime}: ${reference} ${verdict}`, `  by ${source}, because ${because}`];
      const hasArguments = buildArgs !== null && buildArgs.length > 0;
      return hasArguments
        ? [...lines, `  build arguments, if the template uses them: ${buildArgs.join(", ")}`]
        : lines;
    },
  );
}
