import { expect, test } from "@jest/globals";
import { parseRuntimeName, type ProgressEvent } from "@molecule/core";
import { History } from "./history.js";

const runtime = parseRuntimeName("hermes");
const tell = (history: History, facts: object): void =>
  history.add({
    type: "progress",
    id: "w",
    at: 0,
    progress: { runtime, step: "build", id: 1, ...facts } as ProgressEvent,
  });

test("keeps the end of the container's output", () => {
  const history = new History();
  for (let i = 0; i < 10_000; i++) history.print(`line ${String(i)}\n`);
  expect(history.output).toHaveLength(64 * 1024);
  expect(history.output.endsWith("line 9998\nline 9999\n")).toBe(true);
});

test("keeps the last output lines, the latest amount, and every other event, in order", () => {
  const history = new History();
  tell(history, { type: "started", what: "it" });
  for (let i = 0; i < 1000; i++) {
    tell(history, { type: "amount", done: i, total: undefined, unit: "bytes" });
    tell(history, { type: "output", line: String(i) });
  }
  tell(history, { type: "finished", ok: true, durationMs: 1 });

  const kept = history.events().map(({ progress }) => progress);
  const lines = kept.flatMap((one) => (one.type === "output" ? [one.line] : []));
  expect(lines).toEqual(Array.from({ length: 200 }, (_, i) => String(800 + i)));
  expect(kept.filter(({ type }) => type === "amount")).toMatchObject([{ done: 999 }]);
  expect([kept[0]?.type, kept.at(-1)?.type]).toEqual(["started", "finished"]);
});
