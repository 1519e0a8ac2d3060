/** A box in a drawing made of characters. */
export interface Box {
  /** Its lines, top to bottom, trimmed. */
  readonly lines: readonly string[];
}

/** Which box stands on top of which. */
export interface Drawing {
  readonly boxes: readonly Box[];
  /** Whether nothing is in between, not even a vertical border, somewhere along their width. */
  isOn(upper: Box, lower: Box): boolean;
  /** Whether nothing, or only other boxes, are in between. */
  isAbove(upper: Box, lower: Box): boolean;
}

const borders = /[─│┌┐└┘├┤┬┴┼]/;

/** Parses a drawing: a box is an area enclosed by borders. */
export function readDrawing(text: string): Drawing {
  const rows = text.split("\n").map((line) => Array.from(line));
  const boxAt = rows.map(() => [] as (Box | undefined)[]);
  const boxes: Box[] = [];

  rows.forEach((row, y) => {
    row.forEach((character, x) => {
      if (borders.test(character) || boxAt[y]?.[x] !== undefined) return;
      const places = spread(rows, { x, y });
      if (places === undefined) return;
      const box = { lines: linesOf(rows, places) };
      boxes.push(box);
      for (const place of places) (boxAt[place.y] ?? [])[place.x] = box;
    });
  });

  const columns = Array.from({ length: Math.max(...rows.map(({ length }) => length)) }, (_, x) =>
    boxAt
      .map((row, y) => row[x] ?? (rows[y]?.[x] === "│" ? "border" : undefined))
      .filter((content) => content !== undefined),
  ).map((column) => column.filter((content, index) => content !== column[index - 1]));
  return {
    boxes,
    isOn: (upper, lower) =>
      columns.some((column) => column.some((content, i) => content === upper && column[i + 1] === lower)),
    isAbove: (upper, lower) =>
      columns.some((column) => column.includes(upper) && column.indexOf(lower) > column.indexOf(upper)),
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Everything that can be reached from there without crossing a border; undefined outside of all boxes. */
function spread(rows: readonly (readonly string[])[], from: Place): readonly Place[] | undefined {
  const seen = new Map([[`${String(from.x)},${String(from.y)}`, from]]);
  for (const { x, y } of seen.values()) {
    for (const next of [
      { x: x + 1, y },
      { x: x - 1, y },
      { x, y: y + 1 },
      { x, y: y - 1 },
    ]) {
      const character = rows[next.y]?.[next.x];
      if (character === undefined) return undefined;
      if (!borders.test(character)) seen.set(`${String(next.x)},${String(next.y)}`, next);
    }
  }
  return [...seen.values()];
}

function linesOf(rows: readonly (readonly string[])[], places: readonly Place[]): readonly string[] {
  const lines = new Map<number, string>();
  for (const { x, y } of [...places].sort((one, other) => one.x - other.x))
    lines.set(y, (lines.get(y) ?? "") + (rows[y]?.[x] ?? ""));
  return [...lines].sort(([one], [other]) => one - other).map(([, line]) => line.trim());
}
