import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { diskTree } from "./disk-tree.js";
import { locateDockerfile } from "./locate-dockerfile.js";

/** The file that a path out of the tree would reach if it were resolved inside the tree. */
const decoys = ["tree/etc/passwd", "tree/canary"];
let root: string;
let tree: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "locate-"));
  tree = join(root, "tree");
  for (const directory of ["docker/deep", ".git", "etc"])
    await mkdir(join(tree, directory), { recursive: true });
  for (const file of ["tree/Dockerfile", "tree/docker/Dockerfile", "tree/.git/config", "canary", ...decoys])
    await writeFile(join(root, file), "canary");
});

afterEach(() => rm(root, { recursive: true, force: true }));

const links: Readonly<Record<string, string>> = {
  inside: "docker/Dockerfile",
  chained: "inside",
  "docker/deep/up": "../../Dockerfile",
  folder: "docker",
  outside: "../canary",
  absolute: "/etc/passwd",
  roundabout: "docker/../../canary",
  git: ".git/config",
  circle: "circle",
  dangling: "nowhere",
};

test.each([
  ["Dockerfile", "Dockerfile"],
  ["./docker//Dockerfile", "docker/Dockerfile"],
  ["docker/../Dockerfile", "Dockerfile"],
  ["inside", "docker/Dockerfile"],
  ["chained", "docker/Dockerfile"],
  ["docker/deep/up", "Dockerfile"],
  ["folder/Dockerfile", "docker/Dockerfile"],
])("%s resolves to the regular file %s", async (dockerfile, located) => {
  for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path));

  await expect(locateDockerfile(diskTree(tree), dockerfile)).resolves.toBe(located);
});

test.each([
  ...[
    "",
    ".",
    "docker",
    "absent",
    "Dockerfile/x",
    "a\0b",
    "../canary",
    "docker/../../canary",
    "/etc/passwd",
    ".git/config",
  ],
  ...["outside", "absolute", "roundabout", "git", "circle", "dangling", "folder", "folder/../../canary"],
])("rejects %j with TEMPLATE_INVALID, without mentioning its target", async (dockerfile) => {
  for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path));

  await expect(locateDockerfile(diskTree(tree), dockerfile)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.not.stringMatching(/root:|passwd.*x:/) as unknown,
  });
});
