import type { BuildTelling, Narration } from "./build-narration.js";
import { fieldsOf, textOf } from "./json-fields.js";
import { createLineSplitter } from "./line-splitter.js";

/** The classic builder, and Podman's: `{"stream"}` holds text, `Step 2/3 : RUN make` begins a step. */
export function createClassicNarration(telling: BuildTelling): Narration {
  let step: string | undefined;
  const splitter = createLineSplitter((line) => {
    const [, done, total, instruction = ""] = /^Step (\d+)\/(\d+) ?: (.*)$/i.exec(line) ?? [];
    if (done !== undefined) {
      step = `[${done}/${String(total)}] ${instruction}`;
      telling.steps(Number(done) - 1, Number(total));
    }
    if (line !== "") telling.line(line);
    // Behind its line: it copies, and makes a layer of that, without a word.
    if (/^(?:COPY|ADD)\b/i.test(instruction)) telling.quiet("the builder says nothing while it copies");
  });
  return {
    take: (message) => {
      splitter.write(withoutColour(textOf(message.stream)));
      // The download of a base image; its amounts would drown the step's own output.
      const { status, id, progressDetail } = message;
      if (textOf(status) === "" || Object.keys(fieldsOf(progressDetail)).length > 0) return;
      telling.line(textOf(id) === "" ? textOf(status) : `${textOf(id)}: ${textOf(status)}`);
    },
    end: () => splitter.end(),
    get step() {
      return step;
    },
  };
}

/** The daemon paints what a step writes to stderr; that paint is not the template's. */
function withoutColour(text: string): string {
  // eslint-disable-next-line no-control-regex -- it is what this looks for
  return /^\u001b\[91m([^]*)\u001b\[0m$/.exec(text)?.[1] ?? text;
}
