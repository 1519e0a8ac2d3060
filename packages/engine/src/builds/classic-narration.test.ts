import { expect, test } from "@jest/globals";
import { keepReport } from "./build-context.test.support.js";
import { narrateBuild } from "./build-narration.js";

test("what copies is quiet by nature, from its beginning; a command is not", () => {
  const report = keepReport();
  const narration = narrateBuild(report);
  narration.take({ stream: "Step 1/4 : FROM scratch" });
  narration.take({ stream: "\n" });
  narration.take({ stream: "Step 2/4 : RUN copy everything" });
  narration.take({ stream: "\n" });
  expect(report.silences).toEqual([]);
  narration.take({ stream: "Step 3/4 : COPY --chown=1 . /srv" });
  narration.take({ stream: "\n" });
  narration.take({ stream: "Step 4/4 : add a.tar /srv" });
  narration.take({ stream: "\n" });
  expect(report.silences).toEqual(Array(2).fill("the builder reports nothing while it copies"));
  expect(report.lines.at(-1)).toBe("Step 4/4 : add a.tar /srv");
});
