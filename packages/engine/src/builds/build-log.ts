import {
  baseImages,
  createBuildkitLog,
  createOutputTail,
  escapeControls,
  type BaseImages,
  type BuilderLog,
  type BuildOutput,
  type StepReport,
} from "@molecule/core";
import { decodeBuildkitStatus } from "./buildkit-status.js";
import { createClassicLog, type ClassicLog } from "./classic-log.js";
import { fieldsOf, textOf, type Fields } from "../connection/json-fields.js";

/** A build as its message stream reports it. */
export interface BuildLog extends BuilderLog<Fields> {
  readonly imageId: string | undefined;
  readonly bases: BaseImages;
  /** The part that follows the classic builder. */
  readonly classic: ClassicLog;
  /** The last lines of output. */
  readonly tail: string;
}

/** A message of BuildKit: a StatusResponse in base64. */
const buildkitTrace = "moby.buildkit.trace";

/**
 * Reports a build's messages, and collects its image ID, base images and last lines of output. `take` throws `RangeError`
 * if a message of BuildKit cannot be decoded.
 */
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
        buildkit.take(decodeBuildkitStatus(Buffer.from(textOf(message.aux), "base64")));
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
