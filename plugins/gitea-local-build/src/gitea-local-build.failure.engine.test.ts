import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { ImageProvider, ProgressEvent } from "@molecule/core";
import { describeWithEngine } from "@molecule/test-fixtures";
import { failureOf, templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate, type TemplateFiles } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "a local build that fails", ({ address }) => {
  const world = useWorld(address);

  async function expectNothingNamed(runtime: string, commit: string): Promise<void> {
    for (const tag of [commit.slice(0, 12), "latest"]) {
      expect(await world.engine.inspectImage(world.reference(runtime, tag))).toBeUndefined();
    }
  }

  describe("because of its template, before anything is built:", () => {
    const secret = "root:x:0:0";
    test.each<[string, TemplateFiles, Readonly<Record<string, unknown>>?]>([
      ["no Dockerfile", { "message.txt": "hello\n" }],
      ["a Dockerfile in another case", { dockerfile: "FROM scratch\n" }],
      ["a directory as Dockerfile", { "Dockerfile/x": "FROM scratch\n" }],
      ["a link to an absolute path", { Dockerfile: { link: "/etc/passwd" } }],
      ["a link out of the tree", { Dockerfile: { link: "../../../../../../etc/passwd" } }],
      [
        "a link through a directory out of the tree",
        { d: { link: "../.." }, Dockerfile: { link: "d/Dockerfile" } },
      ],
      ["a link to nothing", { Dockerfile: { link: "absent" } }],
      ["a link to itself", { Dockerfile: { link: "Dockerfile" } }],
      ["a link into .git", { Dockerfile: { link: ".git/config" } }],
      ["a submodule as Dockerfile", { Dockerfile: { submodule: "a".repeat(40) } }],
      [
        "a Dockerfile at another path than configured",
        { Dockerfile: "FROM scratch\n" },
        { dockerfile: "docker/Dockerfile" },
      ],
    ])("%s", async (_what, files, options = {}) => {
      const { runtime, commit } = await world.addTemplate(files);
      const builds = world.builds.length;
      const failure = await failureOf(world.provider({ options }).ensure(runtime));
      expect(failure).toMatchObject({ code: "TEMPLATE_INVALID", source: "gitea-local-build", step: "build" });
      expect(JSON.stringify(failure)).not.toContain(secret);
      expect(world.builds).toHaveLength(builds);
      await expectNothingNamed(runtime, commit);
    });
  });

  test.each(["buildkit", "classic"] as const)(
    "at a step names the step and keeps its output, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate(
        templateWith(
          'RUN echo before\nRUN for i in 1 2 3; do echo "last words $i"; done; exit 3\nRUN echo after',
        ),
      );
      const provider = world.provider({ builder });
      const events: ProgressEvent[] = [];
      const failure = await failureOf(
        provider.ensure(runtime, { onProgress: (event) => events.push(event) }),
      );
      expect(failure).toMatchObject({ code: "BUILD_FAILED", source: "gitea-local-build", step: "build" });
      expect(failure.message).toMatch(/RUN for i in 1 2 3.*exit code 3$/);
      expect(failure.message).not.toContain("\n");
      expect(failure.output).toMatch(/last words 1\n.*last words 2\n.*last words 3/);
      expect(failure.output).not.toContain("after");
      expect(events.at(-1)).toMatchObject({ type: "finished", step: "build", ok: false });
      await expectNothingNamed(runtime, commit);

      await world.forge.commit(runtime, helloTemplate({ message: "put right" }));
      expect(await world.run((await provider.ensure(runtime)).imageId)).toBe("put right\n");
    },
  );

  test.each(["buildkit", "classic"] as const)(
    "because of a missing file is not INTERNAL, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate({
        Dockerfile: "FROM scratch\nCOPY absent.txt /\n",
      });
      const failure = await failureOf(world.provider({ builder }).ensure(runtime));
      expect(failure).toMatchObject({ code: "BUILD_FAILED", message: expect.stringContaining("absent.txt") });
      await expectNothingNamed(runtime, commit);
    },
  );

  test.each(["buildkit", "classic"] as const)(
    "because of an invalid Dockerfile, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate({ Dockerfile: "FROM scratch\nFETCH the moon\n" });
      const failure = await failureOf(world.provider({ builder }).ensure(runtime));
      expect(failure).toMatchObject({ code: "BUILD_FAILED", message: expect.stringMatching(/FETCH/i) });
      await expectNothingNamed(runtime, commit);
    },
  );

  test("keeps the alias and the image of the previous commit", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "good" }));
    const provider = world.provider();
    const good = await provider.ensure(runtime);
    const bad = await world.forge.commit(runtime, { Dockerfile: "FROM scratch\nCOPY absent.txt /\n" });
    expect(await failureOf(provider.ensure(runtime))).toMatchObject({ code: "BUILD_FAILED" });
    expect((await world.engine.inspectImage(world.reference(runtime, "latest")))?.id).toBe(good.imageId);
    expect(await world.engine.inspectImage(world.reference(runtime, bad.slice(0, 12)))).toBeUndefined();
  });

  test("gives twenty callers the error of a single build", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN exit 7"));
    const provider = world.provider();
    const builds = world.builds.length;
    const failures = await Promise.all(Array.from({ length: 20 }, () => failureOf(provider.ensure(runtime))));
    expect(new Set(failures.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    expect(failures[0]).toMatchObject({ code: "BUILD_FAILED" });
    expect(world.builds).toHaveLength(builds + 1);
  });

  /** Aborts when the long step of the build has begun. */
  async function cancelInBuild(provider: ImageProvider, runtime: string): Promise<number> {
    const caller = new AbortController();
    let aborted = 0;
    const call = provider.ensure(runtime, {
      signal: caller.signal,
      onProgress: (event) => {
        if (event.type !== "output" || !event.line.includes("sleep 60")) return;
        setTimeout(() => {
          aborted = performance.now();
          caller.abort();
        }, 300);
      },
    });
    expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
    return performance.now() - aborted;
  }

  test.each(["buildkit", "classic"] as const)(
    "because the caller aborted ends promptly, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate(templateWith("RUN sleep 60"));
      const provider = world.provider({ builder });
      // Within the time that the spine allows for cleanup.
      expect(await cancelInBuild(provider, runtime)).toBeLessThan(4_500);
      // Closing waits for work that is still running.
      await provider.close();
      await expectNothingNamed(runtime, commit);
      expect(await readdir(join(world.cacheDir, runtime))).toEqual([commit.slice(0, 12)]);

      await world.forge.commit(runtime, helloTemplate({ message: "next" }));
      const image = await world.provider({ builder }).ensure(runtime);
      expect(await world.run(image.imageId)).toBe("next\n");
    },
  );

  test("for callers that aborted succeeds for the one that stays", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN sleep 2"));
    const provider = world.provider();
    const caller = new AbortController();
    const leaving = Array.from({ length: 5 }, () =>
      failureOf(provider.ensure(runtime, { signal: caller.signal })),
    );
    const staying = provider.ensure(runtime, {
      onProgress: (event) => {
        if (event.type === "output" && event.line.includes("sleep 2")) caller.abort();
      },
    });
    for (const failure of await Promise.all(leaving)) expect(failure.code).toBe("CANCELLED");
    expect(await staying).toMatchObject({ cached: false });
  });

  test("because of a missing git names the tool", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate());
    const provider = world.provider({ env: { PATH: "/nonexistent:." } });
    expect(await failureOf(provider.ensure(runtime))).toMatchObject({
      code: "TOOL_MISSING",
      step: "checkout",
    });
    await expectNothingNamed(runtime, commit);
  });

  test("because the forge fails starts no build", async () => {
    const { runtime } = await world.addTemplate(helloTemplate());
    // For longer than the call waits.
    world.forge.fault("api", { status: 502, headers: { "retry-after": "3600" } });
    const builds = world.builds.length;
    expect(await failureOf(world.provider().ensure(runtime))).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      source: "gitea-local-build",
      step: "resolve",
    });
    expect(world.builds).toHaveLength(builds);
    world.forge.clearFaults();
  });
});
