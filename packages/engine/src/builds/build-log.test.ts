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

const part = (id: string, step: string, current: number, total: number, ...more: Buffer[]): Buffer =>
  field(2, Buffer.concat([field(1, id), field(2, step), field(4, current), field(5, total), ...more]));

test("reports the bytes of a download once for each change, with an allowance for units of a MiB", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  const mebibyte = 2 ** 20;
  buildLog.take(trace(vertex(field(1, "d"), field(3, "[1/2] FROM h/x"), field(5, ""))));
  buildLog.take(trace(part("one", "d", 0, 3 * mebibyte), part("two", "d", 0, 2 * mebibyte)));
  // BuildKit repeats its statuses every 100 ms.
  for (let times = 0; times < 3; times++) buildLog.take(trace(part("one", "d", mebibyte, 3 * mebibyte)));
  expect(report.amounts).toEqual([
    [0, 5 * mebibyte, "bytes"],
    [mebibyte, 5 * mebibyte, "bytes"],
  ]);
  expect(report.allowed.at(-1)).toBe(180_000);
  buildLog.take(trace(part("two", "d", 2 * mebibyte, 2 * mebibyte, field(8, ""))));
  expect(report.allowed.at(-1)).toBe(90_000);
  buildLog.take(trace(part("one", "d", 3 * mebibyte, 3 * mebibyte, field(8, ""))));
  expect(report.allowed.at(-1)).toBeUndefined();
  expect(report.amounts.at(-1)).toEqual([5 * mebibyte, 5 * mebibyte, "bytes"]);
  expect(report.silences).toEqual([]);
});

test("reports a transfer without a total, and a phase without bytes as progress of the steps", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  buildLog.take(trace(part("transferring context:", "c", 700, 0)));
  buildLog.take(trace(part("resolve h/x", "d", 0, 0)));
  buildLog.take(trace(part("resolve h/x", "d", 0, 0)));
  expect(report.amounts).toEqual([
    [700, undefined, "bytes"],
    [0, 0, "steps"],
  ]);
  expect(report.allowed.every((milliseconds) => milliseconds === undefined)).toBe(true);
});

test.each(["exporting to image", "[2/2] COPY . /srv", "[build 1/3] ADD a.tar /srv"])(
  "%s stays quiet while other steps report, until it ends",
  (name) => {
    const report = keepReport();
    const buildLog = readBuildLog(report);
    const named = (...more: Buffer[]): Buffer => vertex(field(1, "q"), field(3, name), ...more);
    buildLog.take(trace(named(field(5, ""))));
    buildLog.take(trace(log(Buffer.from("output of another step\n"))));
    buildLog.take(trace(part("exporting layers", "q", 0, 0)));
    expect(report.silences).toEqual([name, name, name]);
    buildLog.take(trace(named(field(5, ""), field(6, ""))));
    buildLog.take(trace(log(Buffer.from("more\n"))));
    expect(report.silences).toHaveLength(3);
  },
);

test("extraction is quiet until it ends; a command, and an ADD that downloads, are not", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  for (const name of ["[2/3] RUN COPY", "[3/3] ADD --checksum=sha256:x https://h/x.tar /x"])
    buildLog.take(trace(vertex(field(1, name), field(3, name), field(5, ""))));
  expect(report.silences).toEqual([]);
  buildLog.take(trace(part("extracting sha256:a", "d", 0, 0)));
  buildLog.take(trace(part("extracting sha256:a", "d", 0, 0)));
  buildLog.take(trace(log(Buffer.from("output of another step\n"))));
  expect(report.silences).toEqual(Array(2).fill("extracting sha256:a"));
  buildLog.take(trace(part("extracting sha256:a", "d", 0, 0, field(8, ""))));
  expect(report.silences).toHaveLength(2);
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
