import { cutLine, paintLine, rowsOfLine, type StyledLine } from "./styled-line.js";

const beginUpdate = "\u001b[?2026h\u001b[?25l\u001b[?7l";
const endUpdate = "\u001b[?7h\u001b[?25h\u001b[?2026l";
const eraseBelow = "\u001b[J";
const eraseLine = "\u001b[2K";
const eraseRestOfLine = "\u001b[K";
const down = "\u001b[B";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A picture at the bottom of a terminal, redrawn in place. Each drawing is one write that hides the cursor and shows it
 * again, so that the terminal is in order whenever the process ends. The cursor rests in the line below the picture.
 */
export interface Screen {
  /** Draws what has changed. The callback composes the picture for the current size of the terminal. */
  draw(compose: (size: Size) => readonly StyledLine[]): void;
  /** Writes other output above the picture. */
  writeAbove(text: string): void;
  /**
   * Forgets the drawn picture, because the terminal has shown something else since (a shell, after SIGSTOP). The old
   * picture stays.
   */
  forget(): void;
  /** Replaces the picture with these final lines, in full length. */
  leave(lines: readonly StyledLine[]): void;
}

export function openScreen(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows" | "getWindowSize">,
  write: (text: string) => void,
  colours: boolean,
): Screen {
  let drawn: readonly StyledLine[] = [];
  let columnsThen = 0;

  /**
   * Returns the control sequence that moves to the first row of the drawn picture. Terminals wrap lines that have
   * become too long.
   */
  function toTop(columns: number): string {
    return `\r${up(rowsDrawn(columns))}`;
  }

  const rowsDrawn = (columns: number): number =>
    drawn.reduce((sum, line) => sum + rowsOfLine(line, columns), 0);

  // Row by row, because tmux keeps a copy of a screen that is erased as a whole.
  function toErasedTop(columns: number): string {
    const rows = rowsDrawn(columns);
    return toTop(columns) + (eraseLine + down).repeat(rows) + eraseLine + up(rows);
  }

  const painted = (lines: readonly StyledLine[], end: string): string =>
    lines.map((line) => `${paintLine(line, colours)}${end}\n`).join("");

  return {
    draw: (compose) => {
      const size = sizeOf(stream);
      // Leave the last column free: terminals differ in their state after a character in it.
      const lines = compose(size).map((line) => cutLine(line, size.columns - 1));
      const isSameSize = size.columns === columnsThen;
      if (isSameSize && JSON.stringify(lines) === JSON.stringify(drawn)) return;
      // Overwrite the old picture to avoid flicker; after a resize its position is unknown, so erase it.
      const begin = isSameSize ? toTop(size.columns) : toErasedTop(size.columns);
      write(beginUpdate + begin + painted(lines, eraseRestOfLine) + eraseBelow + endUpdate);
      [drawn, columnsThen] = [lines, size.columns];
    },
    writeAbove: (text) => {
      const { columns } = sizeOf(stream);
      const begin = toErasedTop(columns);
      drawn = drawn.map((line) => cutLine(line, columns - 1));
      columnsThen = columns;
      // The text may be wider than the terminal and wraps, unlike the picture.
      write(begin + text + beginUpdate + painted(drawn, eraseRestOfLine) + endUpdate);
    },
    forget: () => {
      drawn = [];
    },
    leave: (lines) => {
      write(toErasedTop(sizeOf(stream).columns) + painted(lines, ""));
      drawn = [];
    },
  };
}

function up(rows: number): string {
  return rows === 0 ? "" : `\u001b[${String(rows)}A`;
}

/** Reads the size from the terminal itself, because a resize event may still be pending. */
function sizeOf(stream: Parameters<typeof openScreen>[0]): Size {
  const [columns, rows] = stream.isTTY ? stream.getWindowSize() : [80, 24];
  // Some terminals report 0 until they know their size.
  return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
}
