import { StringDecoder } from "node:string_decoder";

/** The length of a part of a long line, in characters. Two parts fit into the limit of the mask. */
export const maxLineLength = 4 * 1024;
/** Longer chunks are processed in slices: with less live data, V8 keeps its young generation smaller. */
const sliceLength = 8 * 1024;

/** Assembles lines from chunks. */
export interface LineSplitter {
  /** Adds a chunk, which may end inside a character. */
  write(piece: Uint8Array | string): void;
  /** Emits the last line if it has no line end. */
  end(): void;
}

/**
 * Calls `onLine` for each line. A line of more than 4 Ki characters is split into parts of that length, never inside
 * a surrogate pair. A lone `\r`, as in a progress bar, also ends a line.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  const inParts = (line: string): string => {
    let rest = line;
    while (rest.length > maxLineLength) {
      const end = isHighSurrogate(rest.charCodeAt(maxLineLength - 1)) ? maxLineLength - 1 : maxLineLength;
      onLine(rest.slice(0, end));
      rest = rest.slice(end);
    }
    return rest;
  };
  const addText = (piece: string): void => {
    const text = pending + piece;
    const lineEnd = /\r\n|\n|\r(?=[^\n])/g;
    let from = 0;
    while (lineEnd.test(text)) {
      const end = text[lineEnd.lastIndex - 2] === "\r" && text[lineEnd.lastIndex - 1] === "\n" ? 2 : 1;
      onLine(inParts(text.slice(from, lineEnd.lastIndex - end)));
      from = lineEnd.lastIndex;
    }
    pending = inParts(text.slice(from));
  };
  return {
    write: (piece) => {
      for (let from = 0; from < piece.length; from += sliceLength) {
        const to = from + sliceLength;
        addText(typeof piece === "string" ? piece.slice(from, to) : decoder.write(piece.subarray(from, to)));
      }
    },
    end: () => {
      addText(decoder.end());
      const line = pending.replace(/\r$/, "");
      pending = "";
      if (line !== "") onLine(line);
    },
  };
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
