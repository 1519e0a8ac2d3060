import { expect, test } from "@jest/globals";
import { readBuildLog } from "./build-log.js";
import { keepReport } from "./build-context.test.support.js";

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function field(number: number, value: string | number | Uint8Array): Buffer {
  if (typeof value === "number") return Buffer.from([...varint(number * 8), ...varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const trace = (...fields: Buffer[]): Record<string, unknown> => ({
  id: "moby.buildkit.trace",
  aux: Buffer.concat(fields).toString("base64"),
});
const vertex = (...fields: Buffer[]): Buffer => field(1, Buffer.concat(fields));
const log = (message: Uint8Array): Buffer =>
  field(3, Buffer.concat([field(1, "d"), field(3, 1), field(4, message)]));

test("names a step once, joins its output across messages, and keeps its error", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  const begun = [field(1, "d"), field(3, "[1/2] RUN x"), field(5, "")];
  const [before, after] = [
    Buffer.from("h\u00e4llo\nre").subarray(0, 2),
    Buffer.from("h\u00e4llo\nre").subarray(2),
  ];
  buildLog.take(trace(vertex(...begun)));
  buildLog.take(trace(vertex(...begun), field(99, 5), Buffer.from([...varint(98 * 8 + 5), 1, 2, 3, 4])));
  buildLog.take(trace(log(before)));
  buildLog.take(trace(log(after)));
  expect(report.lines).toEqual(["[1/2] RUN x", "hällo"]);
  buildLog.take(trace(vertex(...begun, field(6, ""), field(7, "it broke"))));
  expect(report.lines).toEqual(["[1/2] RUN x", "hällo", "re", "ERROR [1/2] RUN x: it broke"]);
  expect(buildLog.step).toBe("[1/2] RUN x");
});

test("marks a cached step, and does not blame one that was cancelled by another's failure", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  const done = (name: string, ...more: Buffer[]): Buffer =>
    vertex(field(1, name), field(3, name), field(5, ""), field(6, ""), ...more);
  buildLog.take(
    trace(
      done("[1/2] COPY", field(4, 1)),
      done("other", field(7, "x: context canceled")),
      done("guilty", field(7, "no")),
    ),
  );
  expect(report.lines[0]).toBe("CACHED [1/2] COPY");
  expect(report.amounts).toEqual([[3, 3, "steps"]]);
  expect(buildLog.step).toBe("guilty");
});

test("reports an export as quiet from its start", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  const named = (name: string, ...more: Buffer[]): Buffer => vertex(field(1, name), field(3, name), ...more);
  buildLog.take(trace(named("[1/1] RUN x", field(5, "")), named("exporting to image")));
  expect(report.silences).toEqual([]);
  buildLog.take(trace(named("exporting to image", field(5, ""))));
  expect(report.silences).toEqual(["exporting to image"]);
  buildLog.take(trace(named("exporting to image", field(5, ""), field(6, ""))));
  expect(report.silences).toHaveLength(1);
});
