import { describe, expect, test } from "@jest/globals";
import type { Clock } from "../contract/edges.js";
import { createMask } from "../text/mask.js";
import { reportProgress } from "./report-progress.js";
import { parseRuntimeName } from "../values/runtime-name.js";

const secret = "65f1bf27bc3bf70f64657658635e66094edbcb4d";
const runtime = parseRuntimeName("hermes");
const clock: Clock = { monotonicMs: () => 0, wallMs: () => 0, after: () => () => undefined };

/** Returns the lines that a listener gets when a step reports these chunks, and the last known progress. */
async function shown(pieces: readonly string[]): Promise<{ lines: string[]; last: string }> {
  const lines: string[] = [];
  const progress = reportProgress(
    runtime,
    (event) => {
      if (event.type === "output") lines.push(event.line);
      if (event.type === "finished") lines.push("finished");
    },
    { mask: createMask([secret]), clock },
  );
  await progress.step("build", "x", ({ output }) => {
    for (const piece of pieces) output(piece);
    return Promise.resolve();
  });
  return { lines, last: progress.status().lastProgress };
}

describe("output", () => {
  test("arrives line by line, before its step ends", async () => {
    expect((await shown(["one", "two\r\nthree\n\n", `four ${secret}`])).lines).toEqual([
      "one",
      "two",
      "three",
      "four ***",
      "finished",
    ]);
  });

  test.each([1, 3, 4, 8, 20, 36, 39])("hides a secret that is split after %i characters", async (at) => {
    const { lines, last } = await shown([`said ${secret.slice(0, at)}`, `${secret.slice(at)} twice`, "next"]);

    const text = lines.join("");
    expect(text).toContain("said ");
    expect(text).toContain("*** twicenextfinished");
    // Too few characters to recognize the secret: they are shown before the rest arrives.
    expect(text.replace("said ", "").replace("*** twicenextfinished", "").length).toBeLessThan(4);
    expect(last).toBe("build: next");
  });

  test("hides a secret whose rest never arrives", async () => {
    const { lines, last } = await shown(["a", `b ${secret.slice(0, 30)}`]);

    expect(lines).toEqual(["a", "b ***", "finished"]);
    expect(last).toBe("build: b ***");
  });
});

test("events and the last progress contain no secret and no control character", async () => {
  const text = `${secret}\u001b]0;owned\u0007\u202e`;
  const clean = "***\\u001b]0;owned\\u0007\\u202e";
  const texts: string[] = [];
  const reports: string[] = [];
  const progress = reportProgress(
    runtime,
    (event) => {
      if (event.type === "started") texts.push(event.what);
      if (event.type === "quiet") texts.push(event.why);
      if (event.type === "output") texts.push(event.line);
    },
    { mask: createMask([secret]), clock },
  );

  await progress.step("build", text, async ({ output, quiet }) => {
    reports.push(progress.status().lastProgress);
    quiet(text);
    output(text);
  });
  reports.push(progress.status().lastProgress);

  expect(texts).toEqual([clean, clean, clean]);
  expect(reports).toEqual([`build ${clean}`, `build: ${clean}`]);
});
