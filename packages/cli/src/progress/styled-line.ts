import { cutToWidth, rowsOfText, textWidth } from "./text-width.js";

export type Style = "bold" | "dim" | "red" | "green";

/** One row of a terminal, in parts of the same style. Contains no control characters. */
export type StyledLine = readonly { readonly text: string; readonly style?: Style }[];

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
};

/** Returns the number of rows that the line takes in a terminal with this many columns. */
export function rowsOfLine(line: StyledLine, columns: number): number {
  return rowsOfText(line.map(({ text }) => text).join(""), columns);
}

/** Cuts the line to this many columns. */
export function cutLine(line: StyledLine, columns: number): StyledLine {
  let left = columns;
  return line.flatMap((part) => {
    const text = cutToWidth(part.text, left);
    left -= textWidth(text);
    return text === "" ? [] : [{ ...part, text }];
  });
}

export function paintLine(line: StyledLine, colours: boolean): string {
  return line
    .map(({ text, style }) => {
      if (!colours || style === undefined) return text;
      const [on, off] = codes[style];
      return `\u001b[${String(on)}m${text}\u001b[${String(off)}m`;
    })
    .join("");
}
