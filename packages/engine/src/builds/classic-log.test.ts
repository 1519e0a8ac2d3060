import { expect, test } from "@jest/globals";
import { keepReport } from "./build-context.test.support.js";
import { readBuildLog } from "./build-log.js";

test("reports a copying step as quiet from its start, but not a command", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  buildLog.take({ stream: "Step 1/4 : FROM scratch" });
  buildLog.take({ stream: "\n" });
  buildLog.take({ stream: "Step 2/4 : RUN copy everything" });
  buildLog.take({ stream: "\n" });
  expect(report.silences).toEqual([]);
  buildLog.take({ stream: "Step 3/4 : COPY --chown=1 . /srv" });
  buildLog.take({ stream: "\n" });
  buildLog.take({ stream: "Step 4/4 : add a.tar /srv" });
  buildLog.take({ stream: "\n" });
  expect(report.silences).toEqual(Array(2).fill("the builder reports nothing while it copies"));
  expect(report.lines.at(-1)).toBe("Step 4/4 : add a.tar /srv");
});
