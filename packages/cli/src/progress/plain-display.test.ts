import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { parseRuntimeName } from "@molecule/core";
import { plainDisplay } from "./plain-display.js";

test("prints an amount at most once every five seconds", async () => {
  const stderr = new PassThrough();
  let now = Date.UTC(2026, 0, 1);
  const { listener } = plainDisplay(stderr, { now: () => now });
  const about = { runtime: parseRuntimeName("hermes"), step: "pull", id: 1 } as const;
  listener({ ...about, type: "started", what: "r/hermes:latest" });
  for (let done = 1; done <= 12; done++) {
    now += 1000;
    listener({ ...about, type: "amount", done: done * 1e6, total: 20e6, unit: "bytes" });
  }
  listener({ ...about, type: "finished", ok: true, durationMs: 12_000 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(String(stderr.read())).toBe(
    [
      "2026-01-01T00:00:00.000Z hermes: pull r/hermes:latest",
      "2026-01-01T00:00:05.000Z hermes: pull 5.0 of 20.0 MB",
      "2026-01-01T00:00:10.000Z hermes: pull 10.0 of 20.0 MB",
      "2026-01-01T00:00:12.000Z hermes: pull done after 12.0 s",
      "",
    ].join("\n"),
  );
});

test("prints a pause that repeats the last output only once", async () => {
  const stderr = new PassThrough();
  const { listener } = plainDisplay(stderr, { now: () => 0 });
  const about = { runtime: parseRuntimeName("hermes"), step: "build", id: 1 } as const;
  listener({ ...about, type: "output", line: "[2/4] COPY m /m" });
  listener({ ...about, type: "quiet", why: "[2/4] COPY m /m" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(String(stderr.read())).toBe("1970-01-01T00:00:00.000Z hermes: build | [2/4] COPY m /m\n");
});

test("prints a pause that is announced again only once, unless there was output", async () => {
  const stderr = new PassThrough();
  const { listener } = plainDisplay(stderr, { now: () => 0 });
  const about = { runtime: parseRuntimeName("hermes"), step: "build", id: 1 } as const;
  for (let times = 0; times < 3; times++) listener({ ...about, type: "quiet", why: "exporting to image" });
  listener({ ...about, type: "output", line: "another step" });
  listener({ ...about, type: "quiet", why: "exporting to image" });
  await new Promise((resolve) => setImmediate(resolve));
  const pause = "1970-01-01T00:00:00.000Z hermes: build exporting to image\n";
  expect(String(stderr.read())).toBe(
    `${pause}1970-01-01T00:00:00.000Z hermes: build | another step\n${pause}`,
  );
});

test("describes a wait by its reason and its length", async () => {
  const stderr = new PassThrough();
  const { listener } = plainDisplay(stderr, { now: () => 0 });
  const about = { runtime: parseRuntimeName("hermes"), step: "wait", id: 1 } as const;
  listener({ ...about, type: "started", what: "hermes" });
  listener({ ...about, type: "quiet", why: "retrying in 0.8 s: the forge is down" });
  listener({ ...about, type: "finished", ok: true, durationMs: 800 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(String(stderr.read())).toBe(
    [
      "1970-01-01T00:00:00.000Z hermes: retrying in 0.8 s: the forge is down",
      "1970-01-01T00:00:00.000Z hermes: waited 0.8 s",
      "",
    ].join("\n"),
  );
});
