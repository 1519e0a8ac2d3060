import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ownProcess } from "@molecule/node-edges";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate, startForge } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "the commit that is built", ({ address }) => {
  const world = useWorld(address);

  test("is the one that was looked up, even if the branch moves before the fetch", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "looked up" }));
    let moved = "";
    world.forge.beforeGit(async () => {
      moved = await world.forge.commit(runtime, { "message.txt": "moved\n" });
    });
    const provider = world.provider();
    const image = await provider.ensure(runtime);
    expect(moved).not.toBe("");
    expect(image).toMatchObject({
      revision: commit,
      reference: world.reference(runtime, commit.slice(0, 12)),
    });
    expect(await world.run(image.imageId)).toBe("looked up\n");

    const next = await provider.ensure(runtime);
    expect(next).toMatchObject({ revision: moved, cached: false });
    expect(await world.run(next.imageId)).toBe("moved\n");
  });

  async function replace(runtime: string): Promise<void> {
    const tree = (await world.forge.git(runtime, ["rev-parse", "main^{tree}"])).trim();
    const other = (await world.forge.git(runtime, ["commit-tree", tree, "-m", "another history"])).trim();
    await world.forge.git(runtime, ["update-ref", "refs/heads/main", other]);
  }

  test("is the one that was looked up, even if the branch is replaced before the fetch", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "replaced" }));
    world.forge.beforeGit(() => replace(runtime));
    const image = await world.provider().ensure(runtime);
    expect(image.revision).toBe(commit);
    expect(await world.run(image.imageId)).toBe("replaced\n");
  });

  test("is the current one under its own reference, if the one looked up no longer exists", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "gone" }));
    world.forge.beforeGit(async () => {
      await replace(runtime);
      await world.forge.git(runtime, ["reflog", "expire", "--expire=now", "--all"]);
      await world.forge.git(runtime, ["gc", "--quiet", "--prune=now"]);
    });
    const image = await world.provider().ensure(runtime);
    const current = (await world.forge.git(runtime, ["rev-parse", "refs/heads/main"])).trim();
    expect(image).toMatchObject({
      revision: current,
      reference: world.reference(runtime, current.slice(0, 12)),
    });
    expect(current).not.toBe(commit);
    expect(await world.engine.inspectImage(world.reference(runtime, commit.slice(0, 12)))).toBeUndefined();
  });

  test("is the one that was looked up, from a server that serves only branches", async () => {
    const forge = await startForge({ allowAnySha: false });
    try {
      const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "from its branch" }));
      expect(await forge.addTemplate(runtime, helloTemplate({ message: "from its branch" }))).toBe(commit);
      const options = { repoPrefix: forge.repoPrefix() };
      forge.beforeGit(async () => {
        await forge.commit(runtime, { "message.txt": "moved\n" });
      });
      const provider = world.provider({ options });
      const image = await provider.ensure(runtime);
      expect(image.revision).toBe(commit);
      expect(await world.run(image.imageId)).toBe("from its branch\n");
      expect(await world.run((await provider.ensure(runtime)).imageId)).toBe("moved\n");
    } finally {
      await forge.stop();
    }
  });

  test("is the current one under its own reference, if the branch on such a server was replaced", async () => {
    const forge = await startForge({ allowAnySha: false });
    try {
      const { runtime } = await world.addTemplate(helloTemplate({ message: "old" }));
      const old = await forge.addTemplate(runtime, helloTemplate({ message: "old" }));
      forge.beforeGit(async () => {
        const tree = (await forge.git(runtime, ["rev-parse", `${old}^{tree}`])).trim();
        const other = (await forge.git(runtime, ["commit-tree", "-m", "replaced", tree])).trim();
        await forge.git(runtime, ["update-ref", "refs/heads/main", other]);
      });
      const image = await world.provider({ options: { repoPrefix: forge.repoPrefix() } }).ensure(runtime);
      const current = (await forge.git(runtime, ["rev-parse", "refs/heads/main"])).trim();
      expect(current).not.toBe(old);
      expect(image.revision).toBe(current);
      expect(image.reference).toContain(current.slice(0, 12));
    } finally {
      await forge.stop();
    }
  });

  test("is never a leftover checkout of an earlier run", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "true" }));
    const parent = join(world.cacheDir, runtime);
    const stale = join(parent, commit.slice(0, 12));
    // Above the kernel's largest process ID, so no such process exists.
    const [, space = ""] = (await ownProcess()).split("-");
    const partial = join(parent, `.${commit.slice(0, 12)}.4194305-${space}-00000000.0badcafe.partial`);
    for (const directory of [stale, partial]) {
      await mkdir(join(directory, ".git"), { recursive: true, mode: 0o700 });
      await writeFile(join(directory, ".git", "HEAD"), `${commit}\n`);
      await writeFile(join(directory, "Dockerfile"), "FROM nowhere:never\n");
    }
    await writeFile(join(stale, "message.txt"), "false\n");

    const image = await world.provider().ensure(runtime);
    expect(await world.run(image.imageId)).toBe("true\n");
    expect(await readFile(join(stale, "message.txt"), "utf8")).toBe("true\n");
    expect(await readdir(parent)).toEqual([commit.slice(0, 12)]);
  });

  test("is fetched from the new name of a renamed repository, and labelled with the configured one", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "renamed" }));
    world.forge.rename(runtime, `renamed-${runtime}`);
    const provider = world.provider();
    const image = await provider.ensure(runtime);
    expect(image).toMatchObject({ revision: commit, cached: false });
    expect(await world.run(image.imageId)).toBe("renamed\n");
    const { labels } = (await world.engine.inspectImage(image.imageId)) ?? {};
    expect(labels?.["org.opencontainers.image.source"]).toBe(world.forge.repoPrefix() + runtime);
    expect(world.forge.gitRequests().at(-1)?.path).toContain(`/renamed-${runtime}.git/`);
    expect(await provider.ensure(runtime)).toMatchObject({ cached: true, imageId: image.imageId });
  });

  test("is built once for any number of callers", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "together" }));
    const provider = world.provider();
    const before = {
      api: world.forge.apiRequests().length,
      builds: world.builds.length,
      git: await world.gitRuns(),
    };
    const images = await Promise.all(Array.from({ length: 20 }, () => provider.ensure(runtime)));

    expect(new Set(images.map(({ imageId }) => imageId)).size).toBe(1);
    expect(world.forge.apiRequests()).toHaveLength(before.api + 1);
    expect(world.builds).toHaveLength(before.builds + 1);
    const fetches = (await world.gitRuns())
      .slice(before.git.length)
      .filter((run) => /(?:^| )fetch /.test(run));
    expect(fetches).toHaveLength(1);
  });

  test("is complete even if independent providers build it concurrently", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "apart" }));
    const providers = Array.from({ length: 4 }, () => world.provider());
    const results = await Promise.allSettled(providers.map((provider) => provider.ensure(runtime)));
    const images = results.filter((result) => result.status === "fulfilled").map(({ value }) => value);

    expect(images.length).toBeGreaterThan(0);
    for (const { imageId, revision } of images) {
      expect(revision).toBe(commit);
      expect(await world.run(imageId)).toBe("apart\n");
    }
    // A build fails if its checkout is replaced while it is sent (docs/adr/0011); the next call finds the image.
    expect(await world.provider().ensure(runtime)).toMatchObject({ cached: true });
    expect(await readdir(join(world.cacheDir, runtime))).toEqual([commit.slice(0, 12)]);
  });
});
