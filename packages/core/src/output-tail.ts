const maxLines = 40;
const maxLineLength = 400;

/** The last lines of a build, for the error of a failed one: at most 40 of at most 400 characters. */
export interface OutputTail {
  add(line: string): void;
  text(): string;
}

/** An empty one. */
export function createOutputTail(): OutputTail {
  const lines: string[] = [];
  return {
    add: (line) => {
      lines.push(line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line);
      if (lines.length > maxLines) lines.shift();
    },
    text: () => lines.join("\n"),
  };
}
