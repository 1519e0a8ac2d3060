import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { diskTree } from "../context/disk-tree.js";
import { templateArguments, type ArgumentOptions } from "./template-arguments.js";

let root: string;
let tree: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "arguments-"));
  tree = join(root, "tree");
  await mkdir(join(tree, "sub"), { recursive: true });
  await writeFile(join(root, "outside"), "canary\n");
});
afterEach(() => rm(root, { recursive: true }));

const byDefault = { RUNTIME_VERSION: ".runtime-version" };

async function of(
  files: Readonly<Record<string, string>>,
  options: Partial<ArgumentOptions> = {},
): Promise<Readonly<Record<string, string>>> {
  const all = { Dockerfile: "FROM scratch\nARG RUNTIME_VERSION=\nARG OTHER\n", ...files };
  for (const [path, content] of Object.entries(all)) await writeFile(join(tree, path), content);
  const asked = { buildArgs: {}, buildArgsFrom: byDefault, ...options };
  return (await templateArguments(diskTree(tree), "Dockerfile", asked)).buildArgs;
}

test.each([
  ["0.4.87\n", "0.4.87"],
  ["  0.4.87 \r\nsecond line\n", "0.4.87"],
  ["0.4.87", "0.4.87"],
  ["v1.2\n", "1.2"],
  ["name@1.2\n", "1.2"],
  ["@scope/name@v1.2\n", "1.2"],
  ["vnext\n", "vnext"],
  ["x".repeat(128), "x".repeat(128)],
  [`name@${"x".repeat(128)}`, "x".repeat(128)],
])("reads the first line %j as the version %j", async (content, version) => {
  expect(await of({ ".runtime-version": content })).toEqual({ RUNTIME_VERSION: version });
});

test("lists the files whose argument the Dockerfile does not declare", async () => {
  const undeclaredIn = async (options: Partial<ArgumentOptions>): Promise<unknown> =>
    (
      await templateArguments(diskTree(tree), "Dockerfile", {
        buildArgs: {},
        buildArgsFrom: byDefault,
        ...options,
      })
    ).undeclared;
  await writeFile(join(tree, "Dockerfile"), "FROM scratch\nARG RUNTIME_VERSIO\n");
  expect(await undeclaredIn({})).toEqual([]);
  await writeFile(join(tree, ".runtime-version"), "1.0\n");
  expect(await undeclaredIn({})).toEqual([{ argument: "RUNTIME_VERSION", path: ".runtime-version" }]);
  expect(await undeclaredIn({ buildArgsFrom: {} })).toEqual([]);
  expect(await undeclaredIn({ buildArgs: { RUNTIME_VERSION: "2.0" } })).toEqual([]);
  await writeFile(join(tree, "Dockerfile"), "FROM scratch\nARG RUNTIME_VERSION\n");
  expect(await undeclaredIn({})).toEqual([]);
});

test("passes the line unchanged to any other argument", async () => {
  const options = { buildArgsFrom: { OTHER: "sub/other", RUNTIME_VERSION: "sub/none" } };
  expect(await of({ "sub/other": "name@v1.2 x\n" }, options)).toEqual({ OTHER: "name@v1.2 x" });
});

test.each([
  "",
  "\n",
  " \n1.0\n",
  "name@\n",
  "x".repeat(129),
  "1.0\u00e9\n",
  "1\t0\n",
  "1.0\rx\n",
  "1\u00000",
])("rejects the content %j with TEMPLATE_INVALID, and names the file", async (content) => {
  await expect(of({ ".runtime-version": content })).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringContaining('".runtime-version"'),
  });
});

test("reads nothing that no ARG requests, or that the configuration sets or disables", async () => {
  const broken = { ".runtime-version": "\n" };
  expect(await of({ ...broken, Dockerfile: "FROM scratch\n" })).toEqual({});
  const buildArgs = { RUNTIME_VERSION: "3.0" };
  expect(await of(broken, { buildArgs })).toEqual(buildArgs);
  expect(await of(broken, { buildArgsFrom: {} })).toEqual({});
});

test("ignores anything but a file: no entry, a dangling link, a directory", async () => {
  expect(await of({})).toEqual({});
  await symlink("nowhere", join(tree, ".runtime-version"));
  expect(await of({})).toEqual({});
  expect(await of({}, { buildArgsFrom: { OTHER: "sub" } })).toEqual({});
  expect(await of({}, { buildArgsFrom: { OTHER: "absent/file", RUNTIME_VERSION: "Dockerfile/x" } })).toEqual(
    {},
  );
});

test("follows links inside the tree, and reads nothing outside", async () => {
  await symlink("sub/version", join(tree, ".runtime-version"));
  expect(await of({ "sub/version": "1.0\n" })).toEqual({ RUNTIME_VERSION: "1.0" });
  await rm(join(tree, ".runtime-version"));
  await symlink("../outside", join(tree, ".runtime-version"));
  await expect(of({})).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.not.stringContaining("canary"),
  });
});
