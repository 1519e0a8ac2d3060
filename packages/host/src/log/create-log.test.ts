import { describe, expect, test } from "@jest/globals";
import { createMask, ImageSourceError, type Log } from "@molecule/core";
import { childLog } from "./child-log.js";
import { createLog, type LogOptions } from "./create-log.js";
import { maskedLog } from "./masked-log.js";

const secret = "s3cret/t0ken+value";

async function written(options: Partial<LogOptions>, speak: (log: Log) => void): Promise<string[]> {
  const lines: string[] = [];
  const log = createLog({
    level: "debug",
    format: "json",
    write: (line) => lines.push(line),
    mask: createMask([secret]),
    ...options,
  });
  speak(log);
  await log.close();
  return lines;
}

test("keeps the order of lines, also from before winston has loaded, and flushes on close", async () => {
  const lines = await written({}, (log) => {
    for (let number = 0; number < 100; number += 1) log.info("line", { number });
  });
  expect(lines.map((line) => (JSON.parse(line) as { number: number }).number)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
  expect(lines.every((line) => line.endsWith("\n"))).toBe(true);
});

test("writes lines from after winston has loaded behind those from before", async () => {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "text",
    write: (line) => lines.push(line),
    mask: createMask(),
  });
  log.info("first");
  while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  log.warn("second", { of: 2 });
  await log[Symbol.asyncDispose]();
  await log.close();
  expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual(["info first\n", "warn second of=2\n"]);
});

test("drops lines below the level; an empty log closes cleanly", async () => {
  const speak = (log: Log): void => {
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e");
  };
  expect(await written({ level: "warn" }, speak)).toHaveLength(2);
  expect(await written({ level: "error" }, (log) => log.warn("w"))).toEqual([]);
});

describe.each(["json", "text"] as const)("in %s", (format) => {
  test("hides a secret in message, field, key, error, cause and URL-encoded, at any level", async () => {
    const cause = new Error(`cause ${secret}`);
    const error = new ImageSourceError({
      code: "INTERNAL",
      message: secret,
      hint: secret,
      output: `x ${secret}`,
      cause,
    });
    const lines = await written({ format }, (log) => {
      for (const level of ["debug", "info", "warn", "error"] as const) {
        log[level](`with ${secret}`, {
          url: `https://u:${encodeURIComponent(secret)}@h/`,
          [secret]: 1,
          deep: [{ error }],
        });
      }
    });
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toContain("***");
      expect(line).not.toContain(secret);
      expect(line).not.toContain(encodeURIComponent(secret));
      expect(line).toContain("cause ***");
    }
  });

  test("writes each entry as one line without control characters", async () => {
    const lines = await written({ format }, (log) =>
      log.info("a\nb\u001b[2J", { text: "c\r\n\u009b2J\u202e" }),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).toMatch(/^[\x20-\x7e]+$/);
  });

  test("fields cannot replace the log's own, and values that JSON lacks are shown", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const [line = ""] = await written({ format }, (log) =>
      log.info("real", { message: "forged", level: "error", time: "never", big: 10n, circle }),
    );
    expect(line).toContain("real");
    expect(line).toContain("10");
    if (format === "json") {
      expect(Object.keys(JSON.parse(line) as object)).toEqual(["time", "level", "message", "big", "circle"]);
      expect(JSON.parse(line)).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: "info",
        message: "real",
      });
    }
  });
});

test("masks an application's log, and a child adds its fields", () => {
  const calls: unknown[][] = [];
  const record = (level: string) => (message: string, fields?: object) =>
    void calls.push([level, message, fields]);
  const own: Log = {
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
  const child = childLog(maskedLog(own, createMask([secret])), { source: "acme" });
  child.warn(`a ${secret}`, { b: secret });
  child.info("c");
  expect(calls).toEqual([
    ["warn", "a ***", { source: "acme", b: "***" }],
    ["info", "c", { source: "acme" }],
  ]);
});
