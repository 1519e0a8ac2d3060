import { StringDecoder } from "node:string_decoder";

const maxLineLength = 16 * 1024;

/** Puts lines together from pieces. */
export interface LineSplitter {
  /** Bytes may break inside a character. */
  write(piece: Uint8Array | string): void;
  /** Gives out what has no line end yet. */
  end(): void;
}

/** A line that has grown past 16 Ki characters comes out in parts; a lone `\r`, of a progress bar, ends a line too. */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  const take = (text: string): void => {
    const lines = (begun + text).split(/\r\n|\n|\r(?=[^\n])/);
    begun = lines.pop() ?? "";
    for (const line of lines) onLine(line);
    if (begun.length > maxLineLength) flush();
  };
  const flush = (): void => {
    const line = begun.replace(/\r$/, "");
    begun = "";
    if (line !== "") onLine(line);
  };
  return {
    write: (piece) => {
      take(typeof piece === "string" ? piece : decoder.write(piece));
    },
    end: () => {
      take(decoder.end());
      flush();
    },
  };
}
