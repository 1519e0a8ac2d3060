import { expect, test } from "@jest/globals";
import { keepReport } from "./build-context.test.support.js";
import { readBuildLog, type BuildLog } from "./build-log.js";

const downloading = (id: string, current: number, total: number): Record<string, unknown> => ({
  status: "Downloading",
  id,
  progressDetail: { current, total },
});
const stream = (buildLog: BuildLog, ...lines: readonly string[]): void => {
  for (const line of lines) buildLog.take({ stream: `${line}\n` });
};

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

test("reports the bytes of a base image, a change once, and the unpacking as quiet", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  stream(buildLog, "Step 1/2 : FROM h/base");
  buildLog.take({ status: "Pulling fs layer", id: "a", progressDetail: {} });
  for (const bytes of [1000, 1000, 2000]) buildLog.take(downloading("a", bytes, 3000));
  buildLog.take(downloading("b", 10, 100));
  expect(report.amounts.slice(1)).toEqual([
    [1000, 3000, "bytes"],
    [2000, 3000, "bytes"],
    [2010, 3100, "bytes"],
  ]);
  expect(report.silences).toEqual([]);
  buildLog.take({ status: "Extracting", id: "a", progressDetail: { current: 10, total: 3000 } });
  expect(report.silences).toEqual(["the engine is unpacking"]);
});

test("a copy from an image is quiet again after the image has been pulled, and stalls while it is pulled", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  stream(buildLog, "Step 2/2 : COPY --from=h/tools /x /x");
  expect(report.silences).toHaveLength(1);
  buildLog.take(downloading("a", 3000, 3000));
  expect(report.silences).toHaveLength(1);
  buildLog.take({ status: "Status: Downloaded newer image for h/tools" });
  expect(report.silences).toHaveLength(2);
});

test("the download of an ADD is counted and not quiet, and the copy after it is", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  stream(buildLog, "Step 2/3 : ADD https://h/x.tar /x");
  buildLog.take({ status: "Downloading", progressDetail: { current: 5 } });
  buildLog.take(downloading("", 10, 100));
  expect(report.amounts.slice(1)).toEqual([
    [5, undefined, "bytes"],
    [10, 100, "bytes"],
  ]);
  expect(report.silences).toEqual([]);
  buildLog.take(downloading("", 100, 100));
  expect(report.silences).toEqual(["the builder reports nothing while it copies"]);
});

test("the commit of a command's layer is quiet, also after the output that is read late, and a command is not", () => {
  const report = keepReport();
  const buildLog = readBuildLog(report);
  const committing = "the builder reports nothing while it commits the layer";
  stream(buildLog, "Step 2/3 : RUN make", " ---> Running in 0123456789ab", "done");
  expect(buildLog.classic.container).toBe("0123456789ab");
  buildLog.classic.commits("ffffffffffff");
  expect(report.silences).toEqual([]);
  buildLog.classic.commits("0123456789ab");
  stream(buildLog, "read late");
  expect(report.silences).toEqual([committing, committing]);
  stream(buildLog, "Removing intermediate container 0123456789ab", " ---> ba9876543210", "Step 3/3 : RUN x");
  buildLog.classic.commits("0123456789ab");
  expect(report.silences).toHaveLength(2);
  expect(buildLog.classic.container).toBeUndefined();
});
