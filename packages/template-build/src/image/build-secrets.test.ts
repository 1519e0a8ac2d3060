import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createMask, isImageSourceError } from "@molecule/core";
import { readBuildSecrets, type SecretPlace } from "./build-secrets.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "secrets-"));
});
afterAll(() => rm(directory, { recursive: true }));

const read = (place: SecretPlace, env: Record<string, string> = {}, mask = createMask()) =>
  readBuildSecrets({ key: place }, { env, mask });

test("reads a variable and a file byte for byte", async () => {
  const file = join(directory, "key");
  const bytes = Buffer.from([0, 255, 10, 13, 7]);
  await writeFile(file, bytes);
  await symlink(file, join(directory, "link"));
  expect((await read({ file: join(directory, "link") }))["key"]?.value).toEqual(bytes);
  expect((await read({ env: "KEY" }, { KEY: " välue\n" }))["key"]).toEqual({
    value: Buffer.from(" välue\n"),
    place: { env: "KEY" },
  });
});

test("masks them, and each of their lines, however the value ends", async () => {
  const mask = createMask();
  await read({ env: "KEY" }, { KEY: "-----BEGIN KEY-----\r\nfirst line of it\nsecond line of it\n" }, mask);
  expect(mask.text("it is [first line of it]")).toBe("it is [***]");
  expect(mask.text("it is second line of it")).toBe("it is ***");
  await read({ env: "KEY" }, { KEY: "a token on a line\n" }, mask);
  expect(mask.text("said a token on a line.")).toBe("said ***.");
});

test.each<[string, (name: string) => SecretPlace, string]>([
  ["a variable that is not set", () => ({ env: "NOT_SET" }), "the variable NOT_SET is not set"],
  ["a variable that is empty", () => ({ env: "EMPTY" }), "the variable EMPTY is not set"],
  ["a missing file", (name) => ({ file: name }), ": it does not exist"],
  ["a directory", () => ({ file: join(directory, "directory") }), "is not a regular file"],
  ["a pipe", () => ({ file: join(directory, "pipe") }), "is not a regular file"],
  ["a file that is too long", () => ({ file: join(directory, "long") }), "is longer than 32768 bytes"],
])("reports %s, with the secret's ID", async (_what, place, text) => {
  await mkdir(join(directory, "directory"), { recursive: true });
  await writeFile(join(directory, "long"), Buffer.alloc(32 * 1024 + 1));
  execFileSync("sh", ["-c", 'test -p "$1" || mkfifo "$1"', "sh", join(directory, "pipe")]);
  const error: unknown = await read(place(join(directory, "absent")), { EMPTY: "" }).catch(
    (reason: unknown) => reason,
  );
  if (!isImageSourceError(error)) throw error;
  expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining(text) });
  expect(error.message).toContain('"key"');
});
