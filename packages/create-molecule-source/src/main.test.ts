import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { main } from "./main.js";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "molecule-create-"));
});
afterEach(() => rm(cwd, { recursive: true }));

async function create(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const status = await main(args, {
    cwd: () => cwd,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { status, stdout, stderr };
}

test("creates a directory with the name filled in everywhere", async () => {
  const { status, stdout, stderr } = await create("my-images");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("cd molecule-source-my-images");

  const files = await readdir(join(cwd, "molecule-source-my-images"), { recursive: true });
  expect(files).toEqual(expect.arrayContaining([".gitignore", "package.json", join("src", "index.ts")]));
  const texts = await Promise.all(
    files
      .filter((file) => /\.\w+$/.test(file))
      .map((file) => readFile(join(cwd, "molecule-source-my-images", file), "utf8")),
  );
  expect(texts.join("\n")).not.toContain("__NAME__");
  expect(texts.join("\n")).toContain('name: "my-images"');
});

test("overwrites nothing, not even an empty directory", async () => {
  await mkdir(join(cwd, "molecule-source-mine"));
  const { status, stderr } = await create("mine");
  expect(status).toBe(2);
  expect(stderr).toContain("molecule-source-mine already exists");
  expect(await readdir(join(cwd, "molecule-source-mine"))).toEqual([]);
});

test.each([["Mine"], ["a/b"], [".."], [""], ["1"], ["a--b"], ["-x"]])(
  "rejects the name %p, creates nothing, and explains valid names",
  async (name) => {
    const { status, stderr } = await create(name);
    expect(status).toBe(2);
    expect(stderr).toContain("lower-case letters, digits and single dashes");
    expect(await readdir(cwd)).toEqual([]);
  },
);

test.each([[[]], [["a", "b"]]])("prints its usage for %p", async (args) => {
  const { status, stdout, stderr } = await create(...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("Usage: npm create molecule-source NAME");
});

test("--help exits with status 0", async () => {
  expect(await create("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage:") });
});
