import { heredocsOf } from "./heredocs.js";

/** An instruction of a Dockerfile. */
export interface Instruction {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** In capitals. */
  readonly name: string;
  /** What follows it, continued lines joined. */
  readonly rest: string;
  /** Builders may disagree about where it ends. */
  readonly isUnclear: boolean;
}

/** What differs between builders and their versions. */
export interface Reading {
  readonly escape: string;
  /** Whether here-documents are known. Where they are not, their lines are instructions. */
  readonly heredocs: boolean;
  /** Whether a line that ends with two escape characters is continued. */
  readonly continuesDoubled: boolean;
}

const blanksBefore = /^\p{White_Space}+/u;

/** The instructions of a Dockerfile in their order, as that reading has them. */
export function readInstructions(text: string, reading: Reading): Instruction[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    const line = at + 1;
    if (isSkipped(lines[at] ?? "")) {
      at += 1;
      continue;
    }
    const { written, end } = logicalLine(lines, at, reading);
    const heredocs = reading.heredocs ? heredocsOf(written) : [];
    instructions.push({ line, ...splitInstruction(written), isUnclear: heredocs === undefined });
    at = end;
    for (const { isEnd } of heredocs ?? []) {
      while (at < lines.length && !isEnd(lines[at] ?? "")) at += 1;
      at += 1;
    }
  }
  return instructions;
}

/** The name in capitals, and what follows it. */
export function splitInstruction(written: string): Pick<Instruction, "name" | "rest"> {
  const [, name = "", rest = ""] = /^([^\t\v\f\r ]*)(.*)$/su.exec(written.replace(blanksBefore, "")) ?? [];
  return { name: name.replaceAll(/\p{White_Space}/gu, "").toUpperCase(), rest };
}

/** A line joined with those that continue it; comments and empty lines between them are left out. */
function logicalLine(
  lines: readonly string[],
  from: number,
  { escape, continuesDoubled }: Reading,
): { written: string; end: number } {
  let written = "";
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (at > from && isSkipped(line)) continue;
    const body = withoutBlanksBehind(line);
    const isContinued = body.endsWith(escape) && (continuesDoubled || !body.endsWith(escape + escape));
    if (!isContinued) return { written: written + line, end: at + 1 };
    written += body.slice(0, -1);
  }
  return { written, end: lines.length };
}

// Not with a regular expression: its time would grow with the square of the blanks.
function withoutBlanksBehind(line: string): string {
  let end = line.length;
  while (end > 0 && " \t".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function isSkipped(line: string): boolean {
  return /^(?:#|$)/.test(line.replace(blanksBefore, ""));
}
