import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parseRuntimeName } from "@molecule/core";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { locateWorkingCopy } from "./locate-working-copy.js";

const hermes = parseRuntimeName("hermes");
let place: TemporaryDirectory;
beforeEach(async () => {
  place = await temporaryDirectory();
});
afterEach(() => place.remove());

test("finds a directory, also through a link", async () => {
  const path = join(place.path, "link");
  await mkdir(join(place.path, "real"));
  await symlink("real", path);
  expect(await locateWorkingCopy(hermes, path)).toEqual({
    path,
    directory: await realpath(join(place.path, "real")),
  });
});

test.each([
  ["a missing directory", "missing", "it does not exist"],
  ["a file", "file", "it is not a directory"],
])("rejects %s", async (_what, name, why) => {
  await writeFile(join(place.path, "file"), "");
  const path = join(place.path, name);
  await expect(locateWorkingCopy(hermes, path)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(`${path} of hermes cannot be used: `),
    hint: expect.stringContaining("--template hermes=DIR"),
  });
  await expect(locateWorkingCopy(hermes, path)).rejects.toThrow(why);
});

test("rejects a path that depends on the working directory of the process", async () => {
  await expect(locateWorkingCopy(hermes, ".")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
