import { describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

describeWithEngine({ describe, test }, "a thousand callers in one process", ({ address }) => {
  const world = useWorld(address);

  test("of three runtimes cost three lookups, three fetches and three builds", async () => {
    const runtimes = await Promise.all(
      ["one", "two", "three"].map(async (message) => {
        const { runtime } = await world.addTemplate(helloTemplate({ message: `load ${message}` }));
        return runtime;
      }),
    );
    const provider = world.provider();
    const before = { api: apiRequests(), builds: world.builds.length, fetches: await fetches() };
    const images = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => provider.ensure(runtimes[index % 3] ?? "")),
    );

    expect(new Set(images.map(({ imageId }) => imageId)).size).toBe(3);
    expect(new Set(images.slice(0, 3).map(({ reference }) => reference)).size).toBe(3);
    expect(apiRequests() - before.api).toBe(3);
    expect(world.builds.length - before.builds).toBe(3);
    expect((await fetches()) - before.fetches).toBe(3);
  });

  test("get the same result, even a failure, and one that aborts does not affect the others", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\nRUN no-such-program\n" });
    const provider = world.provider();
    const before = world.builds.length;
    const aborting = new AbortController();
    const left = provider.ensure(runtime, { signal: aborting.signal });
    const stayed = Array.from({ length: 100 }, () => provider.ensure(runtime));
    aborting.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    const outcomes = await Promise.allSettled(stayed);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "BUILD_FAILED" } });
    expect(world.builds.length - before).toBe(1);
  });

  const apiRequests = (): number => world.forge.requests.filter(({ kind }) => kind === "api").length;
  const fetches = async (): Promise<number> =>
    (await world.gitRuns()).filter((line) => / fetch |^fetch /.test(line)).length;
});
