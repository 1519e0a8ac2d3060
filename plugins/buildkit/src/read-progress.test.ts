import { expect, test } from "@jest/globals";
import { createLineSplitter, type BuildkitStatus } from "@molecule/core";
import { readProgress } from "./read-progress.js";

/** Returns what the reader makes of this output. */
function read(output: string): { readonly statuses: readonly BuildkitStatus[]; readonly text: string } {
  const statuses: BuildkitStatus[] = [];
  const reader = readProgress((status) => statuses.push(status));
  const splitter = createLineSplitter((part) => reader.take(part));
  splitter.write(output);
  splitter.end();
  return { statuses, text: reader.text };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("reads steps, parts, output and warnings", () => {
  const written = {
    vertexes: [{ digest: "d", name: "[1/1] RUN x", started: "2026-01-01T00:00:00Z", cached: true }],
    statuses: [{ id: "sha256:1", vertex: "d", name: "downloading", current: 5, total: 9, completed: "2026" }],
    logs: [{ vertex: "d", stream: 2, data: base64("hello\n") }],
    warnings: [{ vertex: "d", short: base64("InvalidBaseImagePlatform: x") }],
  };
  const { statuses, text } = read(`${JSON.stringify(written)}\n{}\nerror: failed\n`);
  expect(statuses).toEqual([
    {
      vertexes: [
        { digest: "d", name: "[1/1] RUN x", started: true, cached: true, completed: false, error: "" },
      ],
      statuses: [{ id: "sha256:1", vertex: "d", name: "downloading", current: 5, total: 9, completed: true }],
      logs: [{ vertex: "d", stream: 2, message: Buffer.from("hello\n") }],
      warnings: ["InvalidBaseImagePlatform: x"],
    },
    { vertexes: [], statuses: [], logs: [], warnings: [] },
  ]);
  expect(text).toBe("error: failed\n");
});

test.each([4000, 4096, 8192, 40_000])("joins the parts of a line of %i characters", (length) => {
  const name = "x".repeat(length - 29) + "\u{1f680}";
  const line = JSON.stringify({ vertexes: [{ digest: "", name }] });
  const { statuses, text } = read(`${line}\nerror: after\n`);
  expect(statuses.map(({ vertexes }) => vertexes[0]?.name)).toEqual([name]);
  expect(text).toBe("error: after\n");
});

test("keeps the end of other text, and a broken line hides no error", () => {
  const { statuses, text } = read(`${"x".repeat(100_000)}\n{"vertexes":[\nerror: the end\n`);
  expect(statuses).toEqual([]);
  expect(text.length).toBeLessThanOrEqual(16 * 1024);
  expect(text).toMatch(/\{"vertexes":\[\nerror: the end\n$/);
});
