import { chmod, mkdir, rename, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { readContent, type Content, type ContentRequest } from "./read-content.js";

const options: ContentRequest["options"] = {
  dockerfile: "Dockerfile",
  buildArgs: {},
  buildArgsFrom: { RUNTIME_VERSION: ".runtime-version" },
};

let place: TemporaryDirectory;
let directory: string;
beforeEach(async () => {
  place = await temporaryDirectory();
  directory = place.path;
  await write("Dockerfile", "FROM scratch\nARG RUNTIME_VERSION\nCOPY . /\n");
  await write("app/main.py", "print(1)\n");
  await symlink("main.py", join(directory, "app/link"));
});
afterEach(() => place.remove());

async function write(path: string, content: string): Promise<void> {
  const file = join(directory, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
}

const content = (
  changes: Partial<typeof options> = {},
  signal = new AbortController().signal,
): Promise<Content> => readContent({ directory, options: { ...options, ...changes }, signal });

test("the same content has the same hash, in another directory and at another time", async () => {
  const { hash } = await content();
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  await utimes(join(directory, "app/main.py"), 1, 1);
  expect((await content()).hash).toBe(hash);
  await rename(join(directory, "app"), join(directory, "moved"));
  expect((await content()).hash).not.toBe(hash);
  await rename(join(directory, "moved"), join(directory, "app"));
  expect((await content()).hash).toBe(hash);
});

test.each<[string, () => Promise<unknown>]>([
  ["a file", () => write("app/main.py", "print(2)\n")],
  ["a new file", () => write("app/new", "")],
  ["the Dockerfile", () => write("Dockerfile", "FROM scratch\nCOPY . /\n")],
  ["a new empty directory", () => mkdir(join(directory, "data"))],
  ["the executable bit", () => chmod(join(directory, "app/main.py"), 0o755)],
  ["a removed file", () => unlink(join(directory, "app/main.py"))],
  [
    "the target of a link",
    async () => {
      await unlink(join(directory, "app/link"));
      await symlink("other.py", join(directory, "app/link"));
    },
  ],
  [
    "a file in place of a link",
    async () => {
      await unlink(join(directory, "app/link"));
      await write("app/link", "main.py");
    },
  ],
  [
    "bytes that move to the next file",
    async () => {
      await write("app/main.py", "print(1)");
      await write("app/next", "\n");
    },
  ],
])("the hash covers %s", async (_what, change) => {
  const { hash } = await content();
  await change();
  expect((await content()).hash).not.toBe(hash);
});

describe("does not cover", () => {
  test("what the ignore file lists", async () => {
    await write(".dockerignore", "logs\n*.tmp\n");
    const before = await content();
    await write("logs/today", "line\n");
    await write("x.tmp", "");
    expect(await content()).toEqual(before);
  });

  test("anything called .git", async () => {
    await write(".git/HEAD", "ref: refs/heads/main\n");
    const before = await content();
    await write(".git/HEAD", "0".repeat(40));
    await write("app/.git", "gitdir: ../x\n");
    expect(await content()).toEqual(before);
  });

  test("permissions other than the owner's executable bit", async () => {
    const { hash } = await content();
    await chmod(join(directory, "app/main.py"), 0o600);
    expect((await content()).hash).toBe(hash);
  });
});

test("covers an ignored Dockerfile and an ignored file of a build argument", async () => {
  await write(".dockerignore", "Dockerfile\n.runtime-version\n");
  await write(".runtime-version", "1.2\n");
  const { hash } = await content();
  await write(".runtime-version", "1.3\n");
  const next = await content();
  expect(next.hash).not.toBe(hash);
  expect((await content({ buildArgsFrom: {} })).hash).not.toBe(next.hash);
  await write("Dockerfile", "FROM scratch\n");
  expect((await content()).hash).not.toBe(next.hash);
});

test("the stamp reveals a file that was changed and changed back", async () => {
  const before = await content();
  await write("app/other", "print(1)\n");
  await rename(join(directory, "app/other"), join(directory, "app/main.py"));
  const after = await content();
  expect(after.hash).toBe(before.hash);
  expect(after.stamp).not.toBe(before.stamp);
});

test("reads files longer than a chunk", async () => {
  await write("big", "a".repeat(200_000));
  const { hash } = await content();
  await write("big", `${"a".repeat(199_999)}b`);
  expect((await content()).hash).not.toBe(hash);
});

test.each([
  ["without a Dockerfile", () => unlink(join(directory, "Dockerfile"))],
  ["with an ignore file that leads out of the tree", () => symlink("../x", join(directory, ".dockerignore"))],
])("a directory %s is an invalid template", async (_what, change) => {
  await change();
  await expect(content()).rejects.toMatchObject({ code: "TEMPLATE_INVALID" });
});
