import { describe, expect, test } from "@jest/globals";
import type { Clock } from "../contract/edges.js";
import { createMask } from "../text/mask.js";
import { reportProgress } from "./report-progress.js";
import { parseRuntimeName } from "../values/runtime-name.js";

const secret = "65f1bf27bc3bf70f64657658635e66094edbcb4d";
const runtime = parseRuntimeName("hermes");
const clock: Clock = { monotonicMs: () => 0, wallMs: () => 0, after: () => () => undefined };

/** The lines that a listener gets of pieces that a step reports, and what was last heard of. */
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
  test("comes line by line, before the end of its step", async () => {
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
    // Too few to be told from other text: they are shown before the rest comes.
    expect(text.replace("said ", "").replace("*** twicenextfinished", "").length).toBeLessThan(4);
    expect(last).toBe("build: next");
  });

  test("hides one whose rest never comes", async () => {
    const { lines, last } = await shown(["a", `b ${secret.slice(0, 30)}`]);

    expect(lines).toEqual(["a", "b ***", "finished"]);
    expect(last).toBe("build: b ***");
  });
});

test("neither events nor the last progress contain a secret or a control character", async () => {
  const text = `${secret}\u001b]0;owned\u0007\u202e`;
  const clean = "***\\u001b]0;owned\\u0007\\u202e";
  const texts: string[] = [];
  const heard: string[] = [];
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
    heard.push(progress.status().lastProgress);
    quiet(text);
    output(text);
  });
  heard.push(progress.status().lastProgress);

  expect(texts).toEqual([clean, clean, clean]);
  expect(heard).toEqual([`build ${clean}`, `build: ${clean}`]);
});
