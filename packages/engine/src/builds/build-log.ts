import type { BuildOutput, BuilderLog } from "./builder-log.js";
import { createOutputTail, escapeControls, type StepReport } from "@molecule/core";
import { baseImages, type BaseImages } from "./base-images.js";
import { createBuildkitLog } from "./buildkit-log.js";
import { createClassicLog, type ClassicLog } from "./classic-log.js";
import { fieldsOf, textOf } from "../connection/json-fields.js";

/** A build as its message stream reports it. */
export interface BuildLog extends BuilderLog {
  readonly imageId: string | undefined;
  readonly bases: BaseImages;
  /** The part that follows the classic builder. */
  readonly classic: ClassicLog;
  /** The last lines of output. */
  readonly tail: string;
}

const buildkitTrace = "moby.buildkit.trace";

/** Reports a build's messages, and collects its image ID, base images and last lines of output. */
export function readBuildLog(report: StepReport): BuildLog {
  const tail = createOutputTail();
  let imageId: string | undefined;
  const output: BuildOutput = {
    line: (text) => {
      const line = escapeControls(text);
      tail.add(line);
      report.output(line);
    },
    amount: report.amount,
    quiet: report.quiet,
    allowIdle: (milliseconds) => report.allowIdle?.(milliseconds),
  };
  const bases = baseImages();
  const classic = createClassicLog({
    ...output,
    line: (text) => {
      bases.takeLine(text);
      output.line(text);
    },
  });
  const buildkit = createBuildkitLog(output, bases);
  return {
    bases,
    classic,
    take: (message) => {
      if (message.id === buildkitTrace) {
        buildkit.take(message);
        return;
      }
      // Both builders report the image ID in the same field.
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
