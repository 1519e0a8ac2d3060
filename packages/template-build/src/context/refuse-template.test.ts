import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseCommitSha, silentLog, silentReport } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { startForge, type Forge, type TemplateFiles } from "@molecule/testkit";
import { checkOut } from "../checkout/check-out.js";
import { diskTree } from "./disk-tree.js";
import { openCommit } from "../commit/open-commit.js";
import { refuseTemplate, type Allowances } from "./refuse-template.js";

let root: string;
let forge: Forge;
let templates = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "refuse-"));
  forge = await startForge();
});

afterAll(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

const gitlink = { submodule: "2".repeat(40) };
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;
const attributes = { ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n" };
const gitmodules = (path: string): string =>
  `[submodule "some"]\n\tpath = ${path}\n\turl = https://h/s.git\n`;
const strict: Allowances = { allowSubmodules: false, allowLfs: false };

/** Checks a fetched commit of a template with these files. */
async function refuse(files: TemplateFiles, allowed: Partial<Allowances> = {}): Promise<void> {
  templates += 1;
  const runtime = `t${String(templates)}`;
  const sha = await forge.addTemplate(runtime, { Dockerfile: "FROM scratch\n", ...files });
  const checkout = await checkOut({
    remote: {
      url: `${forge.repoPrefix()}${runtime}.git`,
      branch: "main",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    commit: parseCommitSha(sha),
    store: createStore({ directory: root, env: {} }),
    name: `${runtime}/x`,
    env: { PATH: process.env["PATH"] },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
  });
  const commit = await openCommit(checkout);
  try {
    const tree = commit.tree ?? diskTree(await checkout.files());
    await refuseTemplate({ tree, dockerfile: "Dockerfile" }, { ...strict, ...allowed }, commit);
  } finally {
    await commit.close();
    await checkout.settle();
  }
}

test.each<[string, TemplateFiles, string, string]>([
  ["a submodule", { "z/s": gitlink, ".gitmodules": gitmodules("z/s") }, "z/s", "allowSubmodules"],
  ["a submodule that .gitmodules does not name", { "a b": gitlink }, "a b", "allowSubmodules"],
  ["two submodules: the first", { y: gitlink, x: gitlink }, "x", "allowSubmodules"],
  ["one that only .gitmodules names", { ".gitmodules": gitmodules("there") }, "there", "allowSubmodules"],
  ["one in another case", { ".gitmodules": '[SubModule "n"]\r\n  Path=p\r\n' }, "p", "allowSubmodules"],
  ["one without a path", { ".gitmodules": '[submodule "n"]\n[other]\npath = x\n' }, "n", "allowSubmodules"],
  ["an LFS pointer", { ...attributes, "a/b.bin": pointer }, "a/b.bin", "allowLfs"],
  ["a pointer alone", { ...attributes, "b.bin": pointer.split("\n", 1)[0] ?? "" }, "b.bin", "allowLfs"],
  [
    "a pointer with CRLF line endings",
    { ...attributes, "b.bin": pointer.replaceAll("\n", "\r\n") },
    "b.bin",
    "allowLfs",
  ],
  [
    "a pointer with attributes in a subdirectory, whose file is ignored",
    { "d/.gitattributes": "* text\nx filter=lfs\n", ".dockerignore": "**/.gitattributes\n", "d/x": pointer },
    "d/x",
    "allowLfs",
  ],
  [
    "a pointer with an attribute macro",
    { ".gitattributes": "[attr]big filter=lfs\n*.bin big\n", "x.bin": pointer },
    "x.bin",
    "allowLfs",
  ],
])("rejects %s", async (_what, files, path, option) => {
  await expect(refuse(files)).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringContaining(JSON.stringify(path)) as unknown,
    hint: expect.stringContaining(option) as unknown,
  });
});

test.each<[string, TemplateFiles, Partial<Allowances>?]>([
  ["neither", {}],
  ["a .gitmodules without submodules", { ".gitmodules": "# [submodule]\n[core]\n" }],
  [
    "a link as .gitmodules and .gitattributes, as git sees it",
    { ".gitattributes": { link: "/etc/hostname" } },
  ],
  [
    "LFS attributes without a pointer",
    { ...attributes, "a.bin": "data", "long.bin": `${pointer}${"x".repeat(1024)}` },
  ],
  ["a pointer without LFS attributes", { "a.bin": pointer, ".gitattributes": "*.bin -text\n" }],
  ["a pointer that is ignored", { ...attributes, "a.bin": pointer, ".dockerignore": "*.bin\n" }],
  [
    "a text that mentions the format",
    { ...attributes, "a.bin": `${pointer.slice(0, 42)}.1\n`, b: ` ${pointer}` },
  ],
  ["a submodule that is allowed", { s: gitlink, ".gitmodules": gitmodules("s") }, { allowSubmodules: true }],
  ["a pointer that is allowed", { ...attributes, "a.bin": pointer }, { allowLfs: true }],
  [
    "both, allowed",
    { ...attributes, "a.bin": pointer, s: gitlink },
    { allowLfs: true, allowSubmodules: true },
  ],
])("accepts %s", async (_what, files, allowed = {}) => {
  await expect(refuse(files, allowed)).resolves.toBeUndefined();
});

test("an allowance permits nothing else", async () => {
  const both = { ...attributes, "a.bin": pointer, s: gitlink };
  await expect(refuse(both, { allowSubmodules: true })).rejects.toMatchObject({
    hint: expect.stringContaining("allowLfs") as unknown,
  });
  await expect(refuse(both, { allowLfs: true })).rejects.toMatchObject({
    hint: expect.stringContaining("allowSubmodules") as unknown,
  });
});
