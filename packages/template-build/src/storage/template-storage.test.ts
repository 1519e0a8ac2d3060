import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parsePlatform, silentLog, silentProgress, type Call, type Platform } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { stubBuilder } from "../image/stub-builder.test.support.js";
import { templateStorage } from "./template-storage.js";

const commit = "0123456789ab".padEnd(40, "c");
const call: Call = {
  signal: new AbortController().signal,
  progress: silentProgress,
  log: silentLog,
  fresh: false,
};

let place: TemporaryDirectory;
beforeEach(async () => {
  place = await temporaryDirectory();
  const git = join(place.path, "cache", "hermes", commit.slice(0, 12), ".git");
  await mkdir(git, { recursive: true });
  await writeFile(join(git, "HEAD"), `${commit}\n`);
});
afterEach(() => place.remove());

/** Returns the tags whose locks protect the checkout. */
async function lockedFor(native: Platform, platform: Platform | undefined): Promise<readonly string[]> {
  const builder = {
    ...stubBuilder,
    images: () => Promise.resolve([]),
    nativePlatform: () => Promise.resolve(native),
  };
  const storage = templateStorage(
    builder,
    { of: () => Promise.resolve(new Map()), add: () => Promise.resolve(), forget: () => Promise.resolve() },
    {
      store: createStore({ directory: join(place.path, "cache"), env: {} }),
      env: { MOLECULE_LOCAL_IMAGE_ISOLATION: "mine" },
      registry: { mode: "local", prefix: "molecule-local" },
      platform,
    },
  );
  const [checkout] = await storage.stored(call);
  expect(checkout).toMatchObject({ kind: "checkout", runtime: "hermes", revision: commit });
  return (checkout?.references ?? []).map((name) => name.replace(/^.*:0123456789ab/, ""));
}

test.each([
  ["linux/amd64", undefined, ["--mine"]],
  ["linux/arm64", undefined, ["--mine", "-arm64--mine"]],
  ["linux/amd64", "linux/arm/v7", ["--mine", "-arm-v7--mine"]],
  ["linux/arm64", "linux/arm/v7", ["--mine", "-arm-v7--mine", "-arm64--mine"]],
])(
  "a checkout is not removed while it is built on %s, configured for %s",
  async (native, configured, suffixes) => {
    const platform = configured === undefined ? undefined : parsePlatform(configured);
    expect([...(await lockedFor(parsePlatform(native), platform))].sort()).toEqual(suffixes.sort());
  },
);
