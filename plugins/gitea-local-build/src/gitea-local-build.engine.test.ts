import { describe, expect, test } from "@jest/globals";
import type { ProgressEvent } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "a local build", ({ address }) => {
  const world = useWorld(address);

  test.each(["buildkit", "classic"] as const)(
    "builds, tags and labels an image that runs, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate(helloTemplate({ message: `hello ${builder}` }));
      const events: ProgressEvent[] = [];
      const image = await world
        .provider({ builder })
        .ensure(runtime, { onProgress: (event) => events.push(event) });

      const reference = world.reference(runtime, commit.slice(0, 12));
      expect(image).toMatchObject({
        source: "gitea-local-build",
        reference,
        digest: null,
        revision: commit,
        platform: "linux/amd64",
        engine: { kind: "docker", address },
        cached: false,
        stale: false,
      });
      expect(await world.engine.inspectImage(image.imageId)).toMatchObject({
        id: image.imageId,
        os: "linux",
        architecture: "amd64",
        tags: expect.arrayContaining([reference, world.reference(runtime, "latest")]),
        labels: {
          "org.opencontainers.image.revision": commit,
          "org.opencontainers.image.source": world.forge.repoPrefix() + runtime,
          "molecule.image.runtime": runtime,
          "molecule.image.build-key": image.buildKey,
          "molecule.image.managed-by": "gitea-local-build",
        },
      });
      expect(await world.run(image.imageId)).toBe(`hello ${builder}\n`);
      const finished = events.filter(({ type }) => type === "finished").map(({ step }) => step);
      expect(finished).toEqual(["resolve", "find", "checkout", "context", "build", "tag", "tag"]);
    },
  );

  test("both builders copy the same files, with the same modes and the commit's time", async () => {
    const look =
      'cd /ctx && /bin/busybox find . | /bin/busybox sort | while read -r f; do stat -c "%n %a %u:%g %F %Y" "$f"; done';
    const { runtime, commit } = await world.addTemplate({
      ...templateWith("COPY . /ctx"),
      ".dockerignore": "ignored\n!ignored/kept\nDockerfile\n",
      "ignored/kept": "kept",
      "ignored/gone": "gone",
      "a-b": "1",
      "a/deep/file": "2",
      "a.b": { content: "3", mode: 0o755 },
      "ä/link": { link: "../../outside" },
    });
    const time = (await world.forge.git(runtime, ["log", "-1", "--format=%ct", commit])).trim();
    const listings = new Map<string, string>();
    for (const builder of ["buildkit", "classic"] as const) {
      const { imageId } = await world.provider({ builder }).refresh(runtime);
      const listing = await world.run(imageId, ["/bin/busybox", "sh", "-c", look]);
      // The classic builder gives directories the time of the build.
      listings.set(builder, listing.replaceAll(/( directory) \d+/g, "$1"));
    }
    const listing = listings.get("buildkit") ?? "";
    expect(listing).toBe(listings.get("classic"));
    expect(listing).toContain(`./a.b 755 0:0 regular file ${time}\n`);
    expect(listing).toContain(`./ignored/kept 644 0:0 regular file ${time}\n`);
    expect(listing).toContain(`./ä/link 777 0:0 symbolic link ${time}\n`);
    expect(listing).not.toMatch(/gone|Dockerfile|\.git/);
  });

  test.each(["buildkit", "classic"] as const)(
    "a Dockerfile in a folder uses the ignore file next to it; one that copies nothing needs none, with %s",
    async (builder) => {
      const { busybox = "" } = helloTemplate();
      const install = 'COPY busybox /bin/\nRUN ["/bin/busybox", "--install", "-s", "/bin"]';
      const { runtime } = await world.addTemplate({
        "docker/Dockerfile": `FROM scratch AS bare\nLABEL bare=${builder}\nFROM scratch\n${install}\nCOPY . /app\n`,
        "docker/Dockerfile.dockerignore": "gone\n",
        ".dockerignore": "kept\n",
        busybox,
        gone: "gone",
        kept: `kept by ${builder}`,
      });
      const dockerfile = "docker/Dockerfile";
      const whole = await world.provider({ builder, options: { dockerfile } }).ensure(runtime);
      const list = [
        "/bin/busybox",
        "sh",
        "-c",
        "cd /app && /bin/busybox find . -name '[gk]*' -exec cat {} +",
      ];
      expect(await world.run(whole.imageId, list)).toBe(`kept by ${builder}`);
      const bare = await world.provider({ builder, options: { dockerfile, target: "bare" } }).ensure(runtime);
      expect((await world.engine.inspectImage(bare.imageId))?.labels).toMatchObject({ bare: builder });
    },
  );

  test("detects files that differ only in content from those of an earlier build", async () => {
    // All commits of this forge have the same time.
    for (const message of ["the one", "another"]) {
      const { runtime } = await world.addTemplate(helloTemplate({ message }));
      const { imageId } = await world.provider({ builder: "buildkit" }).ensure(runtime);
      expect(await world.run(imageId)).toBe(`${message}\n`);
    }
  });

  test("a hit costs one request, no git and no build", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "a hit" }));
    const built = await world.provider().ensure(runtime);
    const before = [world.forge.requests.length, world.builds.length, (await world.gitRuns()).length];
    expect(before[2]).toBeGreaterThan(0);

    const hit = await world.provider().ensure(runtime);
    expect(hit).toEqual({ ...built, cached: true, durationMs: hit.durationMs });
    const after = [world.forge.requests.length, world.builds.length, (await world.gitRuns()).length];
    expect(after).toEqual([(before[0] ?? 0) + 1, before[1], before[2]]);
    expect(world.forge.requests.at(-1)?.kind).toBe("api");
  });

  test("a plan reports what ensure would do, and changes nothing", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "a plan" }));
    const provider = world.provider();
    const gitBefore = await world.gitRuns();
    const plan = await provider.plan(runtime);
    expect(plan).toMatchObject({ hit: false, imageId: null, revision: commit, because: "a test" });
    expect(plan.why).toContain(plan.reference);
    expect(await world.engine.inspectImage(plan.reference)).toBeUndefined();
    expect(await world.gitRuns()).toEqual(gitBefore);

    const built = await provider.ensure(runtime);
    const { imageId, reference, buildKey } = built;
    expect(await provider.plan(runtime)).toMatchObject({
      hit: true,
      imageId,
      reference,
      buildKey,
      why: null,
    });
  });

  test("builds the new commit if the branch moves, and moves the alias", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "one" }));
    const provider = world.provider();
    const one = await provider.ensure(runtime);
    const commit = await world.forge.commit(runtime, { "message.txt": "two\n" });
    const two = await provider.ensure(runtime);

    expect(two).toMatchObject({ cached: false, revision: commit });
    expect(await world.run(two.imageId)).toBe("two\n");
    expect(await world.run(one.imageId)).toBe("one\n");
    expect((await world.engine.inspectImage(one.reference))?.id).toBe(one.imageId);
    expect((await world.engine.inspectImage(world.reference(runtime, "latest")))?.id).toBe(two.imageId);
  });

  test("finds the earlier image if the branch moves back, and moves the alias", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "back" }));
    const provider = world.provider();
    const first = await provider.ensure(runtime);
    await world.forge.commit(runtime, { "message.txt": "forth\n" });
    await provider.ensure(runtime);
    await world.forge.git(runtime, ["update-ref", "refs/heads/main", commit]);

    expect(await provider.ensure(runtime)).toMatchObject({ cached: true, imageId: first.imageId });
    expect((await world.engine.inspectImage(world.reference(runtime, "latest")))?.id).toBe(first.imageId);
  });

  test("a hit restores an alias that was moved", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "mine" }));
    const other = await world.addTemplate(helloTemplate({ message: "other" }));
    const provider = world.provider();
    const [mine, theirs] = [await provider.ensure(runtime), await provider.ensure(other.runtime)];
    const alias = world.reference(runtime, "latest");

    await world.engine.tagImage(theirs.imageId, alias);
    expect(await provider.ensure(runtime)).toMatchObject({ cached: true, imageId: mine.imageId });
    expect((await world.engine.inspectImage(alias))?.id).toBe(mine.imageId);

    await world.engine.removeImage(alias);
    expect(await provider.ensure(runtime)).toMatchObject({ cached: true, imageId: mine.imageId });
    expect((await world.engine.inspectImage(alias))?.id).toBe(mine.imageId);
  });

  test("refresh builds the same commit without cache, and pulls base images again", async () => {
    const { runtime, commit } = await world.addTemplate(
      templateWith("RUN cat /proc/sys/kernel/random/uuid > /app/message.txt"),
    );
    const provider = world.provider();
    const first = await provider.ensure(runtime);
    const again = await provider.refresh(runtime);

    expect(world.builds.at(-1)).toEqual({ noCache: true, pullBases: true });
    expect(again).toMatchObject({ cached: false, revision: commit, reference: first.reference });
    expect(await world.run(again.imageId)).not.toBe(await world.run(first.imageId));
    expect((await world.engine.inspectImage(first.reference))?.id).toBe(again.imageId);
    expect((await world.engine.inspectImage(world.reference(runtime, "latest")))?.id).toBe(again.imageId);
    expect(await provider.ensure(runtime)).toMatchObject({ cached: true, imageId: again.imageId });
  });

  test("builds a SHA-256 repository", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "sha256" }), {
      objectFormat: "sha256",
    });
    const image = await world.provider().ensure(runtime);
    expect(commit).toHaveLength(64);
    expect(image).toMatchObject({
      revision: commit,
      reference: world.reference(runtime, commit.slice(0, 12)),
    });
    expect(await world.run(image.imageId)).toBe("sha256\n");
  });

  test("uses the configured branch, Dockerfile, target and arguments", async () => {
    const files = helloTemplate();
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM nowhere:never\n" });
    const commit = await world.forge.commit(
      runtime,
      {
        ...files,
        "docker/Dockerfile.dev": `FROM scratch AS dev\nCOPY busybox /bin/busybox\nARG WHO\nENV WHO=$WHO\nCMD ["/bin/busybox", "env"]\nFROM dev\nCMD ["/bin/busybox", "false"]\n`,
      },
      "options\n",
      "feature/one",
    );
    const options = {
      branch: "feature/one",
      dockerfile: "docker/Dockerfile.dev",
      target: "dev",
      buildArgs: { WHO: "you" },
    };
    const image = await world.provider({ options }).ensure(runtime);
    expect(image.revision).toBe(commit);
    expect(await world.run(image.imageId)).toContain("WHO=you\n");

    const changed = await world
      .provider({ options: { ...options, buildArgs: { WHO: "me" } } })
      .ensure(runtime);
    expect(changed).toMatchObject({ cached: false, reference: image.reference });
    expect(await world.run(changed.imageId)).toContain("WHO=me\n");
  });
});
