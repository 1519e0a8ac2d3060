const maxLines = 40;
const maxLineLength = 400;
const maxBytes = 16 * 1024;

/** The last lines of an output: at most 40, of at most 400 characters each and 16 KiB of UTF-8 in all. */
export interface OutputTail {
  add(line: string): void;
  lines(): readonly string[];
  text(): string;
}

/** Returns an empty tail. */
export function createOutputTail(): OutputTail {
  const kept: string[] = [];
  const lines = (): readonly string[] => {
    let bytes = 0;
    // The line ends count.
    const first = kept.findLastIndex((line) => (bytes += Buffer.byteLength(line) + 1) > maxBytes + 1);
    return kept.slice(first + 1);
  };
  return {
    add: (line) => {
      kept.push(line.length > maxLineLength ? `${copyOf(line.slice(0, maxLineLength))}…` : line);
      if (kept.length > maxLines) kept.shift();
    },
    lines,
    text: () => lines().join("\n"),
  };
}

/** A slice would keep the whole text in memory. */
function copyOf(slice: string): string {
  return Buffer.from(slice).toString();
}
