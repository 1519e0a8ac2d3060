import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import type { ProgressEvent, PrunedItem } from "@molecule/core";
import { describeWithBuildkit, startBuildkitd, tracesOf } from "@molecule/test-fixtures";
import { failureOf, templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { orderFor } from "./choose-builder.js";
import { runPublished } from "./registry-images.test.support.js";
import { down, repositoryOf, team, useRegistry } from "./use-registry.test.support.js";

describeWithBuildkit(runner, "a build into a registry, with no engine", (buildkit) => {
  const registry = useRegistry(buildkit);

  test("is pushed by digest, then tagged; the result names it by digest", async () => {
    const { runtime, commit } = await registry.world.addTemplate(helloTemplate({ message: "first" }));
    const images = await registry.open();
    const name = `${registry.prefix}/workspace-template-${runtime}`;
    const tag = commit.slice(0, 12);
    expect(await images.plan(runtime)).toMatchObject({
      hit: false,
      reference: `${name}:${tag}`,
      step: "build",
    });
    const built = await images.ensure(runtime);
    expect(built).toMatchObject({
      source: "buildkit",
      reference: `${name}@${String(built.digest)}`,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      revision: commit,
      platform: "linux/amd64",
      engine: null,
      cached: false,
      stale: false,
    });
    expect(await registry.tags(runtime)).toEqual([tag, "latest"]);
    const stored = await registry.reader.manifest(`${repositoryOf(runtime)}:${tag}`);
    expect(stored).toMatchObject({ digest: built.digest, config: { digest: built.imageId } });
    const { config } = JSON.parse(
      (await registry.reader.blob(repositoryOf(runtime), built.imageId)).toString(),
    ) as {
      readonly config: { readonly Labels: unknown };
    };
    expect(config.Labels).toMatchObject({
      "org.opencontainers.image.revision": commit,
      "molecule.image.runtime": runtime,
      "molecule.image.build-key": built.buildKey,
      "molecule.image.managed-by": "buildkit",
    });
    expect(await runPublished(registry.reader, `${repositoryOf(runtime)}@${String(built.digest)}`)).toBe(
      "first\n",
    );

    await registry.world.forge.commit(runtime, { "message.txt": "other\n" });
    const next = await images.ensure(runtime);
    expect(await runPublished(registry.reader, `${repositoryOf(runtime)}@${String(next.digest)}`)).toBe(
      "other\n",
    );
    const latest = await registry.reader.manifest(`${repositoryOf(runtime)}:latest`);
    expect(latest?.digest).toBe(next.digest);
  });

  test("is found again on another host, with every builder down, by reading only", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate());
    const built = await (await registry.open()).ensure(runtime);
    const other = await registry.open(
      { addr: down },
      { MOLECULE_LOCAL_BUILD_CACHE: join(registry.world.directory, "other") },
    );
    const from = registry.door.requests.length;
    const hit = await other.ensure(runtime);
    const methods = registry.door.requests.slice(from).map(({ method }) => method);
    expect(hit).toEqual({ ...built, cached: true, durationMs: expect.any(Number) });
    expect(new Set(methods)).toEqual(new Set(["GET"]));
    expect(await other.plan(runtime)).toMatchObject({
      hit: true,
      reference: built.reference,
      digest: built.digest,
    });
    expect(await failureOf(other.refresh(runtime))).toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  test("refresh builds without cache and moves the tag", async () => {
    const { runtime, commit } = await registry.world.addTemplate(templateWith("RUN date +%s%N > /now"));
    const images = await registry.open();
    const first = await images.ensure(runtime);
    const again = await images.refresh(runtime);
    expect(again).toMatchObject({ cached: false, revision: commit });
    expect(again.digest).not.toBe(first.digest);
    const tagged = await registry.reader.manifest(`${repositoryOf(runtime)}:${commit.slice(0, 12)}`);
    expect(tagged?.digest).toBe(again.digest);
    expect((await images.ensure(runtime)).digest).toBe(again.digest);
  });

  test("a build of an earlier commit does not move `latest`", async () => {
    const { runtime, commit } = await registry.world.addTemplate(helloTemplate({ message: "first" }));
    await registry.world.forge.commit(runtime, { "message.txt": "second\n" });
    const images = await registry.open();
    const newest = await images.ensure(runtime);
    const earlier = await images.ensure(runtime, { revision: commit });
    expect(earlier).toMatchObject({ revision: commit, cached: false });
    expect(earlier.digest).not.toBe(newest.digest);
    const latest = await registry.reader.manifest(`${repositoryOf(runtime)}:latest`);
    expect(latest?.digest).toBe(newest.digest);
  });

  test("another platform has a tag of its own", async () => {
    const { runtime, commit } = await registry.world.addTemplate({
      Dockerfile: "FROM scratch\nCOPY . /app\n",
    });
    await (await registry.open()).ensure(runtime);
    const arm = await (await registry.open({}, { MOLECULE_IMAGE_PLATFORM: "linux/arm64" })).ensure(runtime);
    expect(arm).toMatchObject({ platform: "linux/arm64", cached: false });
    const tag = commit.slice(0, 12);
    expect(await registry.tags(runtime)).toEqual([tag, `${tag}-arm64`, "latest", "latest-arm64"]);
  });

  test("the native platform is that of the runtime's own builder", async () => {
    // Its configuration lists the platform, but its processor is another one; these builds run no command.
    const arm = await startBuildkitd({ configuration: '[worker.oci]\nplatforms = ["linux/arm64"]\n' });
    try {
      const addr = [buildkit().address, arm.address];
      const platforms = new Map([
        [buildkit().address, "linux/amd64"],
        [arm.address, "linux/arm64"],
      ]);
      for (const [address, platform] of platforms) {
        let runtime: string;
        do {
          ({ runtime } = await registry.world.addTemplate({ Dockerfile: "FROM scratch\nCOPY . /app\n" }));
        } while (orderFor(runtime, addr)[0] !== address);
        const images = await registry.open({ addr }, { MOLECULE_IMAGE_PLATFORM: "native" });
        expect(await images.plan(runtime)).toMatchObject({ platform });
        expect(await images.ensure(runtime)).toMatchObject({ platform });
      }
    } finally {
      await arm.stop();
    }
  });

  test("a process that waits for the lock finds the tag; another machine gets an image of its own", async () => {
    const { runtime } = await registry.world.addTemplate(templateWith("RUN echo begun; sleep 2"));
    const builds: string[] = [];
    const ensure = async (more: Readonly<Record<string, string>> = {}) =>
      (await registry.open({}, more)).ensure(runtime, {
        onProgress: (event) => {
          if (event.type === "started" && event.step === "build") builds.push(event.what);
        },
      });
    const [one, other] = await Promise.all([ensure(), ensure()]);
    expect(other.digest).toBe(one.digest);
    expect(builds).toHaveLength(1);

    const { runtime: shared } = await registry.world.addTemplate(
      templateWith("RUN date +%s%N > /now; sleep 1"),
    );
    const elsewhere = { MOLECULE_LOCAL_BUILD_CACHE: join(registry.world.directory, "elsewhere") };
    const both = await Promise.all([registry.open(), registry.open({}, elsewhere)]);
    const results = await Promise.all(both.map((images) => images.ensure(shared)));
    for (const { reference } of results)
      expect(await registry.reader.manifest(reference.slice(registry.door.host.length + 1))).toBeDefined();
    const digests = results.map(({ digest }) => digest);
    expect(digests).toContain((await (await registry.open()).ensure(shared)).digest);
  });

  test("a builder that is killed during a build is replaced by the next one", async () => {
    const second = await startBuildkitd();
    try {
      const addr = [buildkit().address, second.address];
      let runtime: string;
      do {
        ({ runtime } = await registry.world.addTemplate(templateWith("RUN echo begun; sleep 8")));
      } while (orderFor(runtime, addr)[0] !== second.address);
      let killed: Promise<void> | undefined;
      const images = await registry.open({ addr });
      const built = await images.ensure(runtime, {
        onProgress: (event) => {
          if (event.type === "output" && event.line === "begun") killed ??= second.kill();
        },
      });
      await killed;
      expect(killed).toBeDefined();
      expect(built).toMatchObject({ cached: false, engine: null });
      expect((await images.ensure(runtime)).digest).toBe(built.digest);
    } finally {
      await second.stop();
    }
  });

  test("uses the newest image while the forge is down, if configured", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate());
    const built = await (await registry.open()).ensure(runtime);
    registry.world.forge.fault("api", { reset: true });
    try {
      const images = await registry.open({ whenForgeIsDown: "last-good", addr: down });
      expect(await images.ensure(runtime)).toEqual({
        ...built,
        cached: true,
        stale: true,
        durationMs: expect.any(Number),
      });
    } finally {
      registry.world.forge.clearFaults();
    }
  });

  test("cannot be run here, and the hint says where", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate());
    const images = await registry.open();
    const built = await images.ensure(runtime);
    expect(() => images.engineOf(built)).toThrow(
      expect.objectContaining({
        code: "CONTAINER_FAILED",
        message: expect.stringContaining("in a registry"),
        hint: expect.stringContaining(`docker run ${built.reference}`),
      }),
    );
  });

  test("prune keeps what the next build uses, and removes nothing from the registry, with every builder down", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate());
    await (await registry.open()).ensure(runtime);
    const before = await registry.tags(runtime);
    const images = await registry.open({ addr: down });
    const kinds = (items: readonly PrunedItem[]): readonly string[] =>
      items.filter((item) => item.runtime === runtime).map(({ kind }) => kind);
    const { removed, kept } = await images.prune();
    expect([kinds(removed), kinds(kept)]).toEqual([["checkout"], ["repository"]]);
    expect(kinds((await images.prune({ keep: 0, dryRun: true })).removed)).toEqual(["repository"]);
    expect(kinds((await images.prune({ maxBytes: 10_000_000 })).removed)).toEqual([]);
    expect(kinds((await images.prune({ maxBytes: 100 })).removed)).toEqual(["repository"]);
    expect(await registry.tags(runtime)).toEqual(before);
  });

  test("shows the password in no argument, event or file", async () => {
    const { runtime } = await registry.world.addTemplate(templateWith("RUN sleep 1"));
    const seen = new Set<string>();
    const events: ProgressEvent[] = [];
    const state = { isOver: false };
    const watching = (async () => {
      while (!state.isOver) {
        for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name)))
          seen.add(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
        await sleep(10);
      }
    })();
    const images = await registry.open();
    await images.ensure(runtime, { onProgress: (event) => events.push(event) }).finally(async () => {
      state.isOver = true;
      await watching;
    });
    // Other suites build at the same time.
    const own = [...seen].filter((command) => command.includes(`workspace-template-${runtime},`));
    const commands = own.filter((command) => command.includes("push-by-digest=true"));
    expect(commands).toHaveLength(1);
    expect(tracesOf([team.password], [...seen].join("\n"))).toEqual([]);
    expect(JSON.stringify(events)).not.toContain(team.password);
    expect(await readdir(join(registry.world.directory, "cache", ".auth"))).toEqual([]);
  });
});
