import { createOutputTail, escapeControls, type StepReport } from "@molecule/core";
import { baseImages, type BaseImages } from "./base-images.js";
import { createBuildkitNarration } from "./buildkit-narration.js";
import { createClassicNarration } from "./classic-narration.js";
import { fieldsOf, textOf, type Fields } from "../connection/json-fields.js";

/** Where the lines and numbers of a builder go. */
export interface BuildTelling {
  line(text: string): void;
  steps(done: number, total: number): void;
  /** Nothing may be heard for long. */
  quiet(why: string): void;
}

/** Understands the messages of one kind of builder. */
export interface Narration {
  take(message: Fields): void;
  /** Gives out what is still held back. */
  end(): void;
  /** The step that failed, or else is running: `[2/3] RUN make`. Undefined between steps. */
  readonly step: string | undefined;
  /** The last step so far that fetches an image: BuildKit may fail over that image when the step is over. */
  readonly fetching: string | undefined;
}

/** A build as its stream tells it. */
export interface BuildNarration extends Narration {
  readonly imageId: string | undefined;
  readonly bases: BaseImages;
  /** The last lines of output. */
  readonly tail: string;
}

const buildkitTrace = "moby.buildkit.trace";

/** Reports what a build's messages say, and remembers what its end needs. */
export function narrateBuild(report: StepReport): BuildNarration {
  const tail = createOutputTail();
  let imageId: string | undefined;
  const telling: BuildTelling = {
    line: (text) => {
      const line = escapeControls(text);
      tail.add(line);
      report.output(line);
    },
    steps: (done, total) => {
      report.amount(done, total, "steps");
    },
    quiet: (why) => {
      report.quiet(why);
    },
  };
  const bases = baseImages();
  const classic = createClassicNarration({
    ...telling,
    line: (text) => {
      bases.takeLine(text);
      telling.line(text);
    },
  });
  const buildkit = createBuildkitNarration(telling, bases);
  return {
    bases,
    take: (message) => {
      if (message.id === buildkitTrace) {
        buildkit.take(message);
        return;
      }
      // Both builders say the image's ID in the same place.
      const id = textOf(fieldsOf(message.aux).ID);
      if (id === "") classic.take(message);
      else imageId = id;
    },
    end: () => {
      buildkit.end();
      classic.end();
    },
    get step() {
      return buildkit.step ?? classic.step;
    },
    get fetching() {
      return buildkit.fetching ?? classic.fetching;
    },
    get imageId() {
      return imageId;
    },
    get tail() {
      return tail.text();
    },
  };
}
