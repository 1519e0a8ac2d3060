import { describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "options of one runtime", ({ address }) => {
  const world = useWorld(address);

  test("a repository of its own is built, and its URL is in the label as it was written", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "the prefix's" }));
    await world.forge.addTemplate(`me/${runtime}`, helloTemplate({ message: "its own" }));
    const repo = `${world.forge.repoPrefix("me")}${runtime}.git`;
    const images = world.provider({ options: { templates: { [runtime]: { repo } } } });
    const image = await images.ensure(runtime);
    expect(await world.run(image.imageId)).toBe("its own\n");
    expect((await world.engine.inspectImage(image.imageId))?.labels).toMatchObject({
      "org.opencontainers.image.source": repo,
    });
    expect(await images.ensure(runtime)).toMatchObject({ cached: true, imageId: image.imageId });
  });

  test("a configured commit is built although the branch has moved, and then found with every server down", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "old" }));
    await world.forge.commit(runtime, helloTemplate({ message: "new" }));
    const templates = { [runtime]: { revision: commit } };
    const pinned = world.provider({ options: { templates } });
    const seen = world.forge.apiRequests().length;
    const built = await pinned.ensure(runtime);
    expect(built).toMatchObject({ revision: commit, cached: false });
    expect(await world.run(built.imageId)).toBe("old\n");
    expect(world.forge.apiRequests()).toHaveLength(seen);

    world.forge.fault(/./, { reset: true });
    try {
      const gitRuns = await world.gitRuns();
      const again = world.provider({ options: { templates, whenForgeIsDown: "last-good" } });
      expect(await again.ensure(runtime)).toMatchObject({
        cached: true,
        stale: false,
        imageId: built.imageId,
      });
      expect(await again.plan(runtime)).toMatchObject({ hit: true, revision: commit });
      const unpinned = world.provider({ options: { whenForgeIsDown: "last-good" } });
      expect(await unpinned.ensure(runtime, { revision: commit })).toMatchObject({
        cached: true,
        stale: false,
        imageId: built.imageId,
      });
      expect(await world.gitRuns()).toEqual(gitRuns);
    } finally {
      world.forge.clearFaults();
    }
  });

  test("a configured commit that does not exist is never replaced by another, not even by the last good one", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "head" }));
    const shared = { whenForgeIsDown: "last-good" };
    await world.provider({ options: shared }).ensure(runtime);
    const templates = { [runtime]: { revision: "9".repeat(40) } };
    const pinned = world.provider({ options: { ...shared, templates } });
    await expect(pinned.ensure(runtime)).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
      hint: expect.stringContaining("`revision`"),
    });
    world.forge.fault("git", { reset: true });
    try {
      await expect(pinned.ensure(runtime)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    } finally {
      world.forge.clearFaults();
    }
  });

  test("build arguments, stage, Dockerfile and the files of arguments can be its own", async () => {
    const print = 'RUN ["/bin/busybox","sh","-c","echo $RUNTIME_VERSION $A > /message.txt"]';
    const files = templateWith(`ARG RUNTIME_VERSION=none\nARG A=none\n${print}\n`);
    const { Dockerfile: dockerfile } = files;
    if (typeof dockerfile !== "string") throw new TypeError("the Dockerfile is not text");
    const { runtime } = await world.addTemplate({
      ...files,
      ".runtime-version": "1.0\n",
      Dockerfile: "FROM nosuch.example/x\n",
      "docker/Dockerfile": `${dockerfile}\nFROM scratch\n`.replace("FROM scratch", "FROM scratch AS first"),
    });
    const entry = {
      dockerfile: "docker/Dockerfile",
      target: "first",
      buildArgs: { A: "mine" },
      buildArgsFrom: {},
    };
    const read = ["/bin/busybox", "cat", "/message.txt"];
    const options = { buildArgs: { A: "shared" }, templates: { [runtime]: entry } };
    const own = await world.provider({ options }).ensure(runtime);
    expect(await world.run(own.imageId, read)).toBe("none mine\n");

    const rest = { ...entry, buildArgsFrom: undefined };
    const on = await world
      .provider({ options: { ...options, templates: { [runtime]: rest } } })
      .ensure(runtime);
    expect(await world.run(on.imageId, read)).toBe("1.0 mine\n");
    expect(on.buildKey).not.toBe(own.buildKey);
  });
});
