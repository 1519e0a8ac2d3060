import { createLineSplitter } from "@molecule/core";
import type { BuildOutput, BuilderLog } from "./builder-log.js";
import { fetchedImage } from "./fetched-image.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/**
 * Interprets the messages of the classic builder and of Podman's: `{"stream"}` contains text, and `Step 2/3 : RUN make`
 * starts a step. Podman writes `STEP 2/3: RUN make`, or `[2/2] STEP 1/2: FROM base` if there are stages.
 */
export function createClassicLog(output: BuildOutput): BuilderLog {
  let step: string | undefined;
  let fetching: string | undefined;
  const splitter = createLineSplitter((line) => {
    const begun = /^(?:\[(\d+\/\d+)\] )?Step (\d+)\/(\d+) ?: (.*)$/i.exec(line);
    if (begun === null) {
      if (line !== "") output.line(line);
      return;
    }
    const [, stage, done = "", total = "", instruction = ""] = begun;
    step = `[${stage === undefined ? "" : `stage ${stage}, `}${done}/${total}] ${instruction}`;
    if (fetchedImage(step) !== undefined) fetching = step;
    output.steps(Number(done) - 1, Number(total));
    output.line(line);
    // After its line: the step copies files and commits a layer without any output.
    if (/^(?:COPY|ADD)\b/i.test(instruction)) output.quiet("the builder reports nothing while it copies");
  });
  return {
    take: (message) => {
      splitter.write(withoutColour(textOf(message.stream)));
      // The download of a base image. Its byte counts would drown out the step's own output.
      const { status, id, progressDetail } = message;
      if (textOf(status) === "" || Object.keys(fieldsOf(progressDetail)).length > 0) return;
      output.line(textOf(id) === "" ? textOf(status) : `${textOf(id)}: ${textOf(status)}`);
    },
    end: () => splitter.end(),
    get step() {
      return step;
    },
    get fetching() {
      return fetching;
    },
  };
}

/** Removes the colour that the daemon adds to a step's stderr. */
function withoutColour(text: string): string {
  // eslint-disable-next-line no-control-regex -- matches control characters on purpose
  return /^\u001b\[91m([^]*)\u001b\[0m$/.exec(text)?.[1] ?? text;
}
