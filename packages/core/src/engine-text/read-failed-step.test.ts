import { describe, expect, test } from "@jest/globals";
import { readFailedStep } from "./read-failed-step.js";

test.each([
  [{ text: "The command '/bin/sh -c exit 3' returned a non-zero code: 3", code: 3 }, "3"],
  [{ text: "executor failed running [/bin/sh -c exit 3]: exit code: 3" }, "3"],
  [{ text: 'process "/bin/sh -c exit 3" did not complete successfully: exit code: 3' }, "3"],
  [{ text: 'building at STEP "RUN exit 3": while running runtime: exit status 3\n' }, "3"],
  [{ text: "file with no instructions" }, undefined],
])("%j failed with exit code %s", (report, exitCode) => {
  expect(readFailedStep(report).exitCode).toBe(exitCode);
});

test.each([
  "secret key not found: not found",
  "secret key: not found",
  'building at STEP "RUN x": x: secret required but no secret with id "key" found',
])("%s names the missing secret", (text) => {
  expect(readFailedStep({ text }).missingSecret).toBe("key");
});

test.each([
  'target stage "releas" could not be found (did you mean release?)',
  "failed to solve with frontend dockerfile.v0: failed to create LLB definition: target stage releas could not be found",
  "failed to reach build target releas in Dockerfile",
  'Error: The target "releas" was not found in the provided Dockerfile',
  'the target "releas" was not found in the provided Dockerfile',
])("%s names the missing target", (text) => {
  expect(readFailedStep({ text }).missingTarget).toBe("releas");
});

describe("a file that the build context does not have", () => {
  const ofBuildkit =
    'failed to compute cache key: failed to calculate checksum of ref 4ab8::t3v3: "/a b/nosuch": not found';
  const ofPodman = (step: string): string =>
    `building at STEP "${step}": checking on sources under "/tmp/build": copier: stat: "/a b/nosuch": no such file or directory`;

  test.each([
    ofBuildkit,
    'failed to compute cache key: "/a b/nosuch" not found: not found',
    "COPY failed: file not found in build context or excluded by .dockerignore: stat a b/nosuch: file does not exist",
    ofPodman("COPY a*/nosuch /x"),
  ])("%s names it", (text) => {
    const step = "[1/1] COPY a*/nosuch /x";
    expect(readFailedStep({ text, step }).missingFile).toBe("a b/nosuch");
  });

  test.each([
    [ofBuildkit, "[release 1/1] COPY --from=build /nosuch /x"],
    [ofBuildkit, "[release 1/1] RUN --mount=type=bind,from=build,source=/nosuch,target=/x true"],
    [ofPodman("COPY --from=build /nosuch /x"), undefined],
    ['process "/bin/sh -c x" did not complete successfully: exit code: 1', "[1/1] RUN x"],
  ])("%s at %s names none", (text, step) => {
    expect(readFailedStep({ text, step }).missingFile).toBeUndefined();
  });
});

describe("a runtime that cannot start a command", () => {
  const failed = 'process "/bin/sh -c make" did not complete successfully: exit code: 1';
  const inPodman = 'building at STEP "RUN make": while running runtime: exit status 1';
  test.each([
    [failed, "runc run failed: unable to start container process: error mounting proc", true],
    [failed, "crun run failed: mount: operation not permitted", true],
    [
      inPodman,
      "error running container: from /usr/bin/crun creating container for [/bin/sh -c make]: mount: x",
      true,
    ],
    [
      inPodman,
      "error running container: making mounts private to mount namespace for [/bin/sh -c make]: remount /",
      true,
    ],
    [
      "failed to create shim task: OCI runtime create failed: runc create failed: cgroups: no such device: unknown",
      "",
      true,
    ],
    ["failed to read dockerfile: remount /, flags: 0x84000: invalid argument", "", true],
    // The image has no such program.
    [
      failed,
      'runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory',
      false,
    ],
    [
      inPodman,
      String.raw`error running container: from /usr/bin/runc creating container for [/bin/sh -c echo]: msg="exec: \"/bin/sh\": stat /bin/sh: no such file"`,
      false,
    ],
    [
      'OCI runtime create failed: runc create failed: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown',
      "",
      false,
    ],
    // The command itself fails.
    ["exit code: 2", "runc run failed: printed by the command", false],
    ["failed to read dockerfile: open Dockerfile: no such file or directory", "", false],
  ])("%s, after %j: %s", (text, line, isRuntime) => {
    const tail = `[2/2] RUN make\n${line}\nERROR [2/2] RUN make`;
    expect(readFailedStep({ text, tail }).runtime !== undefined).toBe(isRuntime);
  });
});

describe("a command for another platform", () => {
  test.each([
    ["The command '/bin/sh -c make' returned a non-zero code: 1", 1],
    ["The command '/bin/sh -c make' returned a non-zero code: 255", 255],
    ['process "/bin/sh -c make" did not complete successfully: exit code: 255', 0],
    ['building at STEP "RUN make": while running runtime: exit status 1', 0],
  ])("%s is recognized by the kernel's message", (text, code) => {
    const tail = "[2/2] RUN make\nexec /bin/sh: exec format error\nERROR [2/2] RUN make";
    expect(readFailedStep({ text, code, tail })).toMatchObject({
      runtime: "exec /bin/sh: exec format error",
      isForeign: true,
    });
  });

  test.each([
    ["a shell's words", "/bin/sh: 1: ./tool: Exec format error", 126],
    ["a quotation", "make: exec /bin/sh: exec format error", 1],
    ["another exit code", "exec /bin/sh: exec format error", 2],
  ])("%s are not taken for one", (_what, tail, code) => {
    const text = `The command '/bin/sh -c make' returned a non-zero code: ${String(code)}`;
    expect(readFailedStep({ text, code, tail })).toMatchObject({ runtime: undefined, isForeign: false });
  });
});
