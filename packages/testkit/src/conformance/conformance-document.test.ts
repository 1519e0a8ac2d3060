import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { chapters } from "./chapters/chapters.js";

test("docs/extending/conformance.md has a heading for each chapter, in the suite's order", async () => {
  const document = await readFile(
    new URL("../../../../docs/extending/conformance.md", import.meta.url),
    "utf8",
  );
  const headings = [...document.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);
  const around = [
    "What you pass",
    "Without an HTTP server",
    "The laws",
    "Your own tests",
    "How the suite is tested",
  ];

  expect(headings.filter((heading) => !around.includes(heading))).toEqual(chapters.map(({ name }) => name));
});
