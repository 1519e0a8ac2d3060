import { StringDecoder } from "node:string_decoder";
import type { StepReport } from "@molecule/core";

const maxLineCharacters = 8192;
const amount = /^Receiving objects: +\d+% \((\d+)\/(\d+)\)/;
const otherAmount = /: +(?:\d+% \(\d+\/\d+\)|\d+)(?:,|$)/;

/** Takes what git writes to its standard error, in pieces, and reports it. */
export function gitProgress(report: StepReport): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let open = "";
  return (chunk) => {
    const lines = (open + decoder.write(chunk)).split(/[\r\n]+/);
    open = (lines.pop() ?? "").slice(0, maxLineCharacters);
    for (const line of lines) tell(line.trimEnd(), report);
  };
}

function tell(line: string, report: StepReport): void {
  const [, done, total] = amount.exec(line) ?? [];
  if (done !== undefined && total !== undefined) report.amount(Number(done), Number(total), "steps");
  // Counters of other phases would only flicker.
  else if (line !== "" && !otherAmount.test(line)) report.output(line);
}
