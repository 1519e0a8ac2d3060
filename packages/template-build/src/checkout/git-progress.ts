import { StringDecoder } from "node:string_decoder";
import type { StepReport } from "@molecule/core";
import { isTrace } from "./git-trace.js";

const maxLineCharacters = 8192;
/** `Receiving objects:  37% (6/16), 410.00 MiB | 12.00 MiB/s`, `remote: Enumerating objects: 5, done.` */
const counter = /: +(?:\d+% \((\d+)\/(\d+)\)|(\d+))(?:,|$)/;

/**
 * Takes git's stderr in chunks and reports its progress. Reports the counters of every phase, including the
 * server's: while the server packs for minutes, they are the only sign of life.
 */
export function gitProgress(report: StepReport): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let open = "";
  return (chunk) => {
    const lines = (open + decoder.write(chunk)).split(/[\r\n]+/);
    open = (lines.pop() ?? "").slice(0, maxLineCharacters);
    for (const line of lines) reportLine(line.trimEnd(), report);
  };
}

function reportLine(line: string, report: StepReport): void {
  if (isTrace(line)) return;
  const [, done, total, count] = counter.exec(line) ?? [];
  if (done !== undefined) report.amount(Number(done), Number(total), "steps");
  else if (count !== undefined) report.amount(Number(count), undefined, "steps");
  else if (line !== "") report.output(line);
}
