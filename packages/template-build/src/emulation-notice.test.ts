import { expect, test } from "@jest/globals";
import { parsePlatform, parseRuntimeName, silentLog, silentProgress, type Call } from "@molecule/core";
import type { BuildMachine } from "./image/image-builder.js";
import { emulationNotice, type EmulationNotice } from "./emulation-notice.js";

const runtime = parseRuntimeName("hermes");

const noticeOf = (native: string): EmulationNotice =>
  emulationNotice({
    nativePlatform: async () => {
      if (native === "") throw new Error("no engine");
      return parsePlatform(native);
    },
  });

const machine = async (platform?: string): Promise<BuildMachine> => ({
  address: undefined,
  platform: platform === undefined ? undefined : parsePlatform(platform),
});

/** Returns what is logged for builds for these platforms, one after the other, on an engine of `native`. */
async function logged(native: string, ...platforms: readonly string[]): Promise<readonly string[]> {
  return loggedBy(noticeOf(native), platforms);
}

async function loggedBy(
  notice: EmulationNotice,
  platforms: readonly string[],
  machineFor?: (build: number) => Promise<BuildMachine>,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const add =
    (level: string) =>
    (message: string, fields?: object): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log = { debug: add("debug"), info: add("info"), warn: add("warn"), error: add("error") };
  const call: Call = { signal: new AbortController().signal, log, progress: silentProgress, fresh: false };
  for (const [build, platform] of platforms.entries())
    await notice({ runtime, platform: parsePlatform(platform) }, machineFor?.(build), call);
  return lines;
}

test("warns once that builds for another platform are emulated, and how to build natively", async () => {
  const lines = await logged("linux/arm64", "linux/amd64", "linux/amd64");
  expect(lines).toEqual([expect.stringMatching(/^warn .*emulated.*MOLECULE_IMAGE_PLATFORM=native/)]);
});

test("a builder on another machine is compared, not the engine", async () => {
  const lines = await loggedBy(noticeOf("linux/amd64"), ["linux/arm64", "linux/amd64"], () =>
    machine("linux/arm64"),
  );
  expect(lines).toEqual([
    expect.stringMatching(/^warn .*emulated.*"native":"linux\/arm64".*use builders that run on linux\/amd64/),
  ]);
});

test("warns for each runtime whose builder runs on another platform", async () => {
  const lines = await loggedBy(noticeOf("linux/amd64"), Array<string>(3).fill("linux/amd64"), (build) =>
    machine(build < 2 ? "linux/arm64" : "linux/ppc64le"),
  );
  expect(lines).toEqual([
    expect.stringMatching(/"runtime":"hermes".*"native":"linux\/arm64"/),
    expect.stringMatching(/"native":"linux\/ppc64le"/),
  ]);
});

test("a builder on another machine whose platform is unknown is not compared", async () => {
  const notice = noticeOf("linux/arm64");
  expect(await loggedBy(notice, ["linux/amd64"], () => machine())).toEqual([]);
});

test.each([
  ["linux/arm64", "linux/arm64"],
  ["linux/arm64", "linux/arm/v7"],
  ["linux/amd64", "linux/386"],
])("logs nothing if an engine of %s builds for %s", async (native, platform) => {
  expect(await logged(native, platform)).toEqual([]);
});

test.each([
  ["linux/arm64", [true, true]],
  ["linux/amd64", [false, false]],
  ["", []],
])("reports to the observer for each build whether it is emulated (engine: %j)", async (native, expected) => {
  const annotated: unknown[] = [];
  const annotate: Call["annotate"] = (attributes) => annotated.push(attributes["molecule.emulated"]);
  const notice = noticeOf(native);
  const call: Call = {
    signal: new AbortController().signal,
    log: silentLog,
    progress: silentProgress,
    fresh: false,
    annotate,
  };
  for (const platform of ["linux/amd64", "linux/amd64"])
    await notice({ runtime, platform: parsePlatform(platform) }, undefined, call);
  expect(annotated).toEqual(expected);
});

test("a machine that cannot be chosen does not fail the build here", async () => {
  const lines = await loggedBy(noticeOf("linux/amd64"), ["linux/amd64"], () =>
    Promise.reject(new Error("all builders are down")),
  );
  expect(lines).toEqual([expect.stringMatching(/^debug .*all builders are down/)]);
});

test("an engine that fails does not fail the build here", async () => {
  expect(await logged("", "linux/amd64")).toEqual([expect.stringMatching(/^debug /)]);
});

test("a warning that failed is tried again before the next build", async () => {
  expect(await logged("", "linux/amd64", "linux/amd64")).toHaveLength(2);
});
