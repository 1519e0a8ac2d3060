import type { ImageSourceError } from "@molecule/core";
import type { RuntimeRow } from "./runtime-row.js";
import { showAmount } from "./show-amount.js";
import { showElapsed } from "./show-elapsed.js";
import type { StyledLine } from "./styled-line.js";
import { textWidth } from "./text-width.js";

const maxLinesBelow = 6;

/** Returns a line for each runtime, followed by the last lines of its build, in at most `height` lines. */
export function livePicture(rows: readonly RuntimeRow[], height: number, now: number): StyledLine[] {
  const shown = rows.length <= height ? rows : mostInformative(rows, height - 1);
  const busy = shown.filter(({ end }) => end === undefined || end.error !== undefined).length;
  const hidden = rows.length - shown.length;
  const room = height - shown.length - (hidden > 0 ? 1 : 0);
  const below = Math.min(maxLinesBelow, Math.floor(room / Math.max(1, busy)));
  const picture = shown.flatMap((row) => [
    headline(row, widestOf(rows), now),
    ...linesBelow(row, row.end?.error === undefined && row.end !== undefined ? 0 : below),
  ]);
  return hidden > 0 ? [...picture, [{ text: `and ${String(hidden)} more`, style: "dim" }]] : picture;
}

export type KeepsLines = (error: ImageSourceError) => boolean;

/**
 * Returns the final lines: the outcome of each runtime, and the last lines of failed builds. A cancelled runtime has
 * none, because one line reports that for all.
 */
export function lastPicture(all: readonly RuntimeRow[], keepsLines: KeepsLines, now: number): StyledLine[] {
  const rows = all.filter(({ end }) => end?.error?.code !== "CANCELLED");
  return rows.flatMap((row) => [
    headline(row, widestOf(rows), now),
    ...linesBelow(row, row.end?.error !== undefined && keepsLines(row.end.error) ? row.lines.length : 0),
  ]);
}

/** Prefers running runtimes, and keeps the order. */
function mostInformative(rows: readonly RuntimeRow[], count: number): readonly RuntimeRow[] {
  const kept = new Set(
    [...rows]
      .sort((one, other) => Number(one.end !== undefined) - Number(other.end !== undefined))
      .slice(0, Math.max(0, count)),
  );
  return rows.filter((row) => kept.has(row));
}

function headline({ runtime, since, activity, end }: RuntimeRow, width: number, now: number): StyledLine {
  const name = { text: runtime + " ".repeat(width - textWidth(runtime)), style: "bold" } as const;
  const elapsed = showElapsed((end?.at ?? now) - since);
  if (end !== undefined) {
    const ready = { text: "ready", style: "green" } as const;
    const failed = { text: end.error?.code === "CANCELLED" ? "cancelled" : "failed", style: "red" } as const;
    return [name, { text: "  " }, end.error === undefined ? ready : failed, { text: ` after ${elapsed}` }];
  }
  if (activity === undefined) return [name, { text: `  waits  ${elapsed}` }];
  const amount = activity.amount === undefined ? "" : `  ${showAmount(activity.amount)}`;
  return [
    name,
    { text: `  ${activity.step}  ${elapsed}${amount}  ` },
    { text: activity.text.replaceAll(/[\t\n]/g, " "), style: "dim" },
  ];
}

function linesBelow({ lines }: RuntimeRow, count: number): StyledLine[] {
  return count === 0 ? [] : lines.slice(-count).map((line) => [{ text: `  | ${line}`, style: "dim" }]);
}

function widestOf(rows: readonly RuntimeRow[]): number {
  return Math.max(...rows.map(({ runtime }) => textWidth(runtime)));
}
