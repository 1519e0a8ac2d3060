import stringWidth from "string-width";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Returns the number of terminal columns that the text takes. */
export function textWidth(text: string): number {
  return isPlain(text) ? text.length : stringWidth(text);
}

/** Cuts the text to this many columns, with an ellipsis if it was longer. Never splits a character. */
export function cutToWidth(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns < 1) return "";
  let [kept, width] = ["", 0];
  for (const { segment } of graphemes.segment(text)) {
    width += textWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * Returns the number of rows that the text takes in a terminal with this many columns, which wraps between characters.
 */
export function rowsOfText(text: string, columns: number): number {
  if (isPlain(text)) return Math.max(1, Math.ceil(text.length / columns));
  let [rows, column] = [1, 0];
  for (const { segment } of graphemes.segment(text)) {
    const width = textWidth(segment);
    if (column + width > columns) [rows, column] = [rows + 1, 0];
    column += width;
  }
  return rows;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
