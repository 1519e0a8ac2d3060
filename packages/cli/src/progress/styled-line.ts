import { styleText } from "node:util";
import { cutToWidth, rowsOfText, textWidth } from "./text-width.js";

export type Style = "bold" | "dim" | "red" | "green";

/** One row of a terminal, in parts of the same style. Contains no control characters. */
export type StyledLine = readonly { readonly text: string; readonly style?: Style }[];

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

/** Returns the line with the escape sequences of its styles, or without them if `colours` is false. */
export function paintLine(line: StyledLine, colours: boolean): string {
  return line
    .map(({ text, style }) =>
      // The caller has checked the terminal and `NO_COLOR`.
      colours && style !== undefined ? styleText(style, text, { validateStream: false }) : text,
    )
    .join("");
}
