import { heredocsOf } from "./heredocs.js";

/** An instruction of a Dockerfile. */
export interface Instruction {
  /** Line number of its first line, counted from 1. */
  readonly line: number;
  /** In upper case. */
  readonly name: string;
  /** The rest of the instruction, with continued lines joined. */
  readonly rest: string;
  /** Whether builders may disagree about where it ends. */
  readonly isUnclear: boolean;
}

/** The parsing rules that differ between builders and their versions. */
export interface ParsingRules {
  readonly escape: string;
  /** Whether here-documents are supported. If not, their lines are instructions. */
  readonly heredocs: boolean;
  /** Whether a line that ends with two escape characters continues. */
  readonly continuesDoubled: boolean;
}

const blanksBefore = /^\p{White_Space}+/u;

/** Returns the instructions of a Dockerfile in order, parsed by these rules. */
export function readInstructions(text: string, rules: ParsingRules): Instruction[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    const line = at + 1;
    if (isSkipped(lines[at] ?? "")) {
      at += 1;
      continue;
    }
    const { written, end } = logicalLine(lines, at, rules);
    const heredocs = rules.heredocs ? heredocsOf(written) : [];
    instructions.push({ line, ...splitInstruction(written), isUnclear: heredocs === undefined });
    at = end;
    for (const { isEnd } of heredocs ?? []) {
      while (at < lines.length && !isEnd(lines[at] ?? "")) at += 1;
      at += 1;
    }
  }
  return instructions;
}

/** Returns the name in upper case, and the rest. */
export function splitInstruction(written: string): Pick<Instruction, "name" | "rest"> {
  const [, name = "", rest = ""] = /^([^\t\v\f\r ]*)(.*)$/su.exec(written.replace(blanksBefore, "")) ?? [];
  return { name: name.replaceAll(/\p{White_Space}/gu, "").toUpperCase(), rest };
}

/** Joins a line with its continuation lines; skips comments and empty lines between them. */
function logicalLine(
  lines: readonly string[],
  from: number,
  { escape, continuesDoubled }: ParsingRules,
): { written: string; end: number } {
  let written = "";
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (at > from && isSkipped(line)) continue;
    const body = trimEndBlanks(line);
    const isContinued = body.endsWith(escape) && (continuesDoubled || !body.endsWith(escape + escape));
    if (!isContinued) return { written: written + line, end: at + 1 };
    written += body.slice(0, -1);
  }
  return { written, end: lines.length };
}

// Not a regular expression: its time would grow with the square of the number of blanks.
function trimEndBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && " \t".includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

function isSkipped(line: string): boolean {
  return /^(?:#|$)/.test(line.replace(blanksBefore, ""));
}
