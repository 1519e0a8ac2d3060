import { expect, test } from "@jest/globals";
import { parsePlatform, silentProgress, type Call } from "@molecule/core";
import { emulationNotice } from "./emulation-notice.js";

/** Returns what is logged for builds for these platforms, one after the other, on an engine of `native`. */
async function logged(native: string, ...platforms: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const add =
    (level: string) =>
    (message: string, fields?: object): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log = { debug: add("debug"), info: add("info"), warn: add("warn"), error: add("error") };
  const call: Call = { signal: new AbortController().signal, log, progress: silentProgress, fresh: false };
  const notice = emulationNotice({
    nativePlatform: async () => {
      if (native === "") throw new Error("no engine");
      return parsePlatform(native);
    },
  });
  for (const platform of platforms) await notice(parsePlatform(platform), call);
  return lines;
}

test("warns once that builds for another platform are emulated, and how to build natively", async () => {
  const lines = await logged("linux/arm64", "linux/amd64", "linux/amd64");
  expect(lines).toEqual([expect.stringMatching(/^warn .*emulated.*MOLECULE_IMAGE_PLATFORM=native/)]);
});

test.each([
  ["linux/arm64", "linux/arm64"],
  ["linux/arm64", "linux/arm/v7"],
  ["linux/amd64", "linux/386"],
])("logs nothing if an engine of %s builds for %s", async (native, platform) => {
  expect(await logged(native, platform)).toEqual([]);
});

test("an engine that fails does not fail the build here", async () => {
  expect(await logged("", "linux/amd64")).toEqual([expect.stringMatching(/^debug /)]);
});

test("a warning that failed is tried again before the next build", async () => {
  expect(await logged("", "linux/amd64", "linux/amd64")).toHaveLength(2);
});
