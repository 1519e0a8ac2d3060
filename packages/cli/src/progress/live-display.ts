import { onSuspension } from "@molecule/node-edges";
import { divertWrites } from "./divert-writes.js";
import { lastPicture, livePicture, type KeepsLines } from "./picture.js";
import type { RuntimeRow } from "./runtime-row.js";
import { openScreen } from "./screen.js";

const drawEveryMs = 100;

export interface LiveDisplay {
  /** Runs a write to the same terminal that bypasses stderr. */
  aside(write: () => void): void;
  close(): void;
}

export interface LiveOptions {
  readonly colours: boolean;
  /** Whether to keep the last lines before this failure on the terminal. */
  readonly keepsLines: KeepsLines;
  readonly now: () => number;
}

/** Draws the rows on the terminal until it is closed. Other writes to stderr appear above them. */
export function openLiveDisplay(
  stderr: NodeJS.WriteStream,
  rows: () => readonly RuntimeRow[],
  { colours, keepsLines, now }: LiveOptions,
): LiveDisplay {
  const write = stderr.write.bind(stderr);
  const screen = openScreen(stderr, (text) => void write(text), colours);
  const draw = (): void => {
    // Skips frames while the terminal is not reading.
    if (stderr.writableNeedDrain) return;
    screen.draw((size) => livePicture(rows(), size.rows - 1, now()));
  };
  const restore = divertWrites(stderr, (lines) => {
    screen.writeAbove(lines);
  });
  const timer = setInterval(draw, drawEveryMs);
  stderr.on("resize", draw);
  const ignoreSuspension = onSuspension({
    onStop: () => {
      screen.leave([]);
    },
    onContinue: (wasNoticed) => {
      if (!wasNoticed) screen.forget();
      draw();
    },
  });
  draw();

  return {
    aside: (elsewhere) => {
      screen.leave([]);
      elsewhere();
      draw();
    },
    close: () => {
      clearInterval(timer);
      stderr.off("resize", draw);
      ignoreSuspension();
      screen.leave(lastPicture(rows(), keepsLines, now()));
      restore();
    },
  };
}
