import { expect, test } from "@jest/globals";
import { cancelled, internal, parseRuntimeName, type ProgressEvent, type Step } from "@molecule/core";
import { lastPicture, livePicture } from "./picture.js";
import { createRuntimeRow, type RuntimeRow } from "./runtime-row.js";
import type { StyledLine } from "./styled-line.js";

const texts = (picture: readonly StyledLine[]): string[] =>
  picture.map((line) => line.map(({ text }) => text).join(""));

type Facts = ProgressEvent extends infer Event
  ? Event extends ProgressEvent
    ? Omit<Event, "runtime" | "step" | "id">
    : never
  : never;

function row(name: string, ...events: readonly (readonly [Step, number, Facts])[]): RuntimeRow {
  const runtime = parseRuntimeName(name);
  const created = createRuntimeRow(name, 0);
  for (const [step, id, facts] of events) created.follow({ runtime, step, id, ...facts });
  return created;
}

const building = (name: string, lines: number): RuntimeRow =>
  row(
    name,
    ["build", 1, { type: "started", what: "ref:1" }],
    ["build", 1, { type: "amount", done: 2, total: 7, unit: "steps" }],
    ...Array.from(
      { length: lines },
      (_, index) => ["build", 1, { type: "output", line: `line ${String(index)}` }] as const,
    ),
  );

test("shows step, time and amount", () => {
  const pulling = row(
    "codex",
    ["pull", 4, { type: "started", what: "r/codex:latest" }],
    ["pull", 4, { type: "amount", done: 12_300_000, total: 80_100_000, unit: "bytes" }],
    ["pull", 4, { type: "output", line: "abc: Pulling fs layer" }],
  );
  expect(texts(livePicture([pulling, building("hermes", 1)], 20, 65_000))).toEqual([
    "codex   pull  1 min 05 s  12.3 of 80.1 MB  r/codex:latest",
    "hermes  build  1 min 05 s  2/7 steps  ref:1",
    "  | line 0",
  ]);
});

test("shows the youngest running step, and why a quiet one is quiet", () => {
  const one = row(
    "hermes",
    ["wait", 1, { type: "started", what: "ref:1" }],
    ["wait", 1, { type: "quiet", why: "another process is building this image" }],
  );
  expect(texts(livePicture([one], 20, 0))).toEqual([
    "hermes  wait  0 s  another process is building this image",
  ]);
  const runtime = parseRuntimeName("hermes");
  one.follow({ runtime, step: "wait", id: 1, type: "finished", ok: true, durationMs: 1 });
  expect(texts(livePicture([one], 20, 0))).toEqual(["hermes  waits  0 s"]);
});

test.each([
  [20, 1, 7],
  [5, 1, 5],
  [3, 2, 2],
  [4, 2, 4],
  [3, 5, 3],
  [1, 2, 1],
])("in %d rows with %d builds it uses %d", (height, builds, expected) => {
  const rows = Array.from({ length: builds }, (_, index) => building(`r${String(index)}`, 30));
  expect(livePicture(rows, height, 0)).toHaveLength(expected);
});

test("shows running runtimes first if there is no room for all", () => {
  const rows = [building("a", 3), building("b", 3), building("c", 3)];
  rows[0]?.settle(undefined, 1000);
  expect(texts(livePicture(rows, 2, 0))).toEqual(["b  build  0 s  2/7 steps  ref:1", "and 2 more"]);
});

test("folds a ready runtime at the end, keeps a failed one's lines if requested, and drops a cancelled one", () => {
  const rows = [building("hermes", 3), building("codex", 2), building("gemini-cli", 2)];
  rows[0]?.settle(undefined, 3000);
  rows[1]?.settle(internal(new Error()), 4000);
  rows[2]?.settle(cancelled(), 4000);
  const heads = ["hermes  ready after 3 s", "codex   failed after 4 s"];
  expect(texts(lastPicture(rows, () => false, 9000))).toEqual(heads);
  expect(texts(lastPicture(rows, () => true, 9000))).toEqual([...heads, "  | line 0", "  | line 1"]);
});
