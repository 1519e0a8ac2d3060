import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { diskTree } from "./disk-tree.js";
import type { ArchivePlan } from "./archive-plan.js";
import { classicArchive } from "./classic-archive.js";
import { useContextTree } from "./context-tree.test.support.js";

const context = useContextTree();
const plan = (dockerfile = "Dockerfile"): Promise<ArchivePlan> =>
  classicArchive({ tree: diskTree(context.tree), dockerfile });
const added = ({ added: files }: ArchivePlan): Record<string, string> =>
  Object.fromEntries(files.map(({ path, content }) => [path, content.toString()]));

test("adds nothing to a context that has the Dockerfile", async () => {
  await context.put({ ".dockerignore": "secret\n" });
  expect(await plan()).toEqual({ dockerfile: "Dockerfile", added: [], excludes: [] });
});

test("adds an ignored Dockerfile if the context's .dockerignore lists it", async () => {
  await context.put({
    ".dockerignore": "Dockerfile\ndocker\n!docker/kept\n",
    "docker/Dockerfile": "FROM x\n",
  });
  expect(added(await plan())).toEqual({ Dockerfile: "FROM scratch\n" });
  expect(await plan("docker/Dockerfile")).toMatchObject({
    dockerfile: "docker",
    added: [{ path: "docker", content: Buffer.from("FROM x\n") }],
  });
  await context.put({ "docker/kept": "" });
  expect(await plan("docker/Dockerfile")).toMatchObject({ dockerfile: "docker/Dockerfile" });
});

test("adds an ignore file that lists both if the context has none", async () => {
  await context.put({ ".dockerignore": "*\n" });
  const made = await plan();
  expect(added(made)).toEqual({
    ".dockerignore": `.dockerignore\n${made.dockerfile}\n`,
    [made.dockerfile]: "FROM scratch\n",
  });
  expect(made.dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
});

test.each([
  ["drop the Dockerfile that the context has", "secret\n", "Dockerfile\n", '"Dockerfile"'],
  ["drop the .dockerignore that the context has", "secret\n", ".dockerignore\n", '".dockerignore"'],
  ["keep the Dockerfile that the context has not", "Dockerfile\n", "secret\n", '"Dockerfile"'],
])("rejects a context for which the builder would %s", async (_what, own, root, named) => {
  await context.put({ "Dockerfile.dockerignore": own, ".dockerignore": root });
  await expect(plan()).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringContaining(named),
  });
});

test("takes into account that the builder ignores a .dockerignore that it cannot read or use", async () => {
  await context.put({ "Dockerfile.dockerignore": "secret\n.gitignore\n", ".gitignore": "Dockerfile\n" });
  await symlink(".gitignore", join(context.tree, ".dockerignore"));
  expect(await plan()).toEqual({ dockerfile: "Dockerfile", added: [], excludes: [] });
});
