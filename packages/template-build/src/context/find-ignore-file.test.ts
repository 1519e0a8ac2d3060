import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "@jest/globals";
import { diskTree } from "./disk-tree.js";
import { contextIgnores } from "./context-ignores.js";
import { useContextTree } from "./context-tree.test.support.js";
import { findIgnoreFile } from "./find-ignore-file.js";

const context = useContextTree();
const { put } = context;
let tree: string;
beforeEach(async () => {
  ({ tree } = context);
  await put({ "docker/Dockerfile": "FROM scratch\n", "docker/ignored": "secret\n" });
});

const links = async (targets: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, target] of Object.entries(targets)) await symlink(target, join(tree, path));
};

test.each<[string, Record<string, string>, string]>([
  ["a link", { ".dockerignore": "docker/ignored" }, "docker/ignored"],
  [
    "a chain of links",
    { ".dockerignore": "one", one: "docker/two", "docker/two": "ignored" },
    "docker/ignored",
  ],
  ["a link through a linked directory", { ".dockerignore": "d/ignored", d: "docker" }, "docker/ignored"],
  ["a link that goes up and comes back", { ".dockerignore": "docker/../docker/ignored" }, "docker/ignored"],
  ["a link next to the Dockerfile", { "Dockerfile.dockerignore": "docker/ignored" }, "docker/ignored"],
])("follows links inside the tree: %s", async (_what, targets, found) => {
  await links(targets);
  expect(await findIgnoreFile(diskTree(tree), "Dockerfile")).toBe(found);
});

test("ignores an ignore file that is a dangling link", async () => {
  await links({ ".dockerignore": ".gitignore" });
  expect(await findIgnoreFile(diskTree(tree), "Dockerfile")).toBeUndefined();
  await links({ ".gitignore": "gone/too" });
  expect(await findIgnoreFile(diskTree(tree), "Dockerfile")).toBeUndefined();
});

test("uses the one at the root if the Dockerfile's own is a dangling link", async () => {
  await put({ ".dockerignore": "x\n" });
  await links({ "Dockerfile.dockerignore": "nowhere" });
  expect(await findIgnoreFile(diskTree(tree), "Dockerfile")).toBe(".dockerignore");
});

test.each<[string, string]>([
  ["out of the tree", "../canary"],
  ["out of the tree, to nothing", "../nowhere"],
  ["out of the tree and back", "../tree/docker/ignored"],
  ["to an absolute path", "/etc/hostname"],
  ["into .git", ".git/info/exclude"],
  ["to itself", ".dockerignore"],
  ["to a directory", "docker"],
])("rejects a link %s with TEMPLATE_INVALID", async (_what, target) => {
  await writeFile(join(context.root, "canary"), "canary");
  await links({ ".dockerignore": target });
  await expect(findIgnoreFile(diskTree(tree), "Dockerfile")).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringContaining('".dockerignore" of the template'),
  });
});

test("looks next to the Dockerfile's configured path", async () => {
  await put({
    "Dockerfile.dockerignore": "of the link",
    "docker/Dockerfile.dockerignore": "of the file",
    ".dockerignore": "of the root",
  });
  await rm(join(tree, "Dockerfile"));
  await links({ Dockerfile: "docker/Dockerfile" });
  const found = async (namedDockerfile?: string): Promise<string | undefined> =>
    (await contextIgnores({ tree: diskTree(tree), dockerfile: "docker/Dockerfile", namedDockerfile }))
      .ignoreFile;
  expect(await found("Dockerfile")).toBe("Dockerfile.dockerignore");
  expect(await found("./docker/../Dockerfile")).toBe("Dockerfile.dockerignore");
  expect(await found("docker/Dockerfile")).toBe("docker/Dockerfile.dockerignore");
  expect(await found()).toBe("docker/Dockerfile.dockerignore");
  await rm(join(tree, "Dockerfile.dockerignore"));
  expect(await found("Dockerfile")).toBe(".dockerignore");
});

test("rejects a directory instead of an ignore file with TEMPLATE_INVALID", async () => {
  await mkdir(join(tree, ".dockerignore"));
  await expect(findIgnoreFile(diskTree(tree), "Dockerfile")).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
  });
});
