import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { extract } from "tar-stream";
import { diskTree } from "./disk-tree.js";
import { useContextTree } from "./context-tree.test.support.js";
import { packContext } from "./pack-context.js";
import { podmanArchive } from "./podman-archive.js";

const context = useContextTree();

async function packed(): Promise<readonly string[]> {
  const subject = { tree: diskTree(context.tree), dockerfile: "Dockerfile" };
  const archive = await podmanArchive(subject);
  const { signal } = new AbortController();
  const names: string[] = [];
  const reader = extract();
  reader.end(await buffer(packContext({ ...subject, archive, modifiedAt: new Date(0), signal })));
  for await (const { header } of reader) {
    names.push(header.name);
  }
  expect(archive.excludes).toEqual([archive.dockerfile]);
  expect(names.at(-1)).toBe(archive.dockerfile);
  return names.slice(0, -1);
}

test("has the context, and last the Dockerfile under a name that Podman excludes", async () => {
  await context.put({ ".dockerignore": "Dockerfile\n", ".containerignore": "x\n", x: "1" });
  expect(await packed()).toEqual([".containerignore", ".dockerignore", "x"]);
});

test.each([
  ["sub/up", "../../x"],
  ["up", ".."],
  ["up", "a/../../x"],
  ["up", "/../x"],
])("rejects a link %s to %s with TEMPLATE_INVALID, unless it is ignored", async (path, target) => {
  await context.put({ "sub/x": "" });
  await symlink(target, join(context.tree, path));
  await expect(packed()).rejects.toMatchObject({
    code: "TEMPLATE_INVALID",
    message: expect.stringContaining(`${JSON.stringify(path)} leads out of the template`),
  });
  await context.put({ ".dockerignore": `${path}\n` });
  expect(await packed()).not.toContain(path);
});

test.each([
  ["sub/inside", "../x"],
  ["sub/root", ".."],
  ["absolute", "/etc/hostname"],
  ["dotted", "..x"],
])("packs a link %s to %s", async (path, target) => {
  await context.put({ "sub/x": "" });
  await symlink(target, join(context.tree, path));
  expect(await packed()).toContain(path);
});
