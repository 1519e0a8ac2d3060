import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  parsePlatform,
  silentLog,
  silentReport,
  type ContainerEngine,
  type Log,
} from "@molecule/core";
import { describeWithEngine, putImage, putIndex, startRegistry } from "@molecule/test-fixtures";
import { failureOf } from "@molecule/test-fixtures/source";
import { buildContextOf, helloTemplate, type TemplateFiles } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

const copyOnly = { Dockerfile: "FROM scratch\nCOPY message.txt /\n", "message.txt": "copied\n" };

/** An image without our labels. */
async function buildForeignImage(engine: ContainerEngine): Promise<string> {
  const { imageId } = await engine.buildImage({
    context: buildContextOf({ Dockerfile: "FROM scratch\nCOPY Dockerfile /foreign\n" }),
    platform: defaultPlatform,
    labels: {},
    target: undefined,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    report: silentReport,
  });
  return imageId;
}

describeWithEngine({ describe, test }, "whether an image is the requested one", ({ address }) => {
  const world = useWorld(address);

  test("replaces an image with other labels under the name, but does not remove it", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "mine" }));
    const other = await world.addTemplate(helloTemplate({ message: "squatter" }));
    const provider = world.provider();
    const theirs = await provider.ensure(other.runtime);
    const reference = world.reference(runtime, commit.slice(0, 12));
    await world.engine.tagImage(theirs.imageId, reference);

    expect(await provider.plan(runtime)).toMatchObject({
      hit: false,
      why: expect.stringContaining(`${reference} is another image`),
    });
    const image = await provider.ensure(runtime);
    expect(image).toMatchObject({ cached: false, reference });
    expect(await world.run(image.imageId)).toBe("mine\n");
    expect((await world.engine.inspectImage(reference))?.id).toBe(image.imageId);
    expect(await world.run(theirs.imageId)).toBe("squatter\n");
  });

  test("replaces an image without labels, with one warning", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "labelled" }));
    const reference = world.reference(runtime, commit.slice(0, 12));
    const foreign = await buildForeignImage(world.engine);
    await world.engine.tagImage(foreign, reference);
    const warnings: unknown[] = [];
    const log: Log = { ...silentLog, warn: (...warning) => void warnings.push(warning) };
    const provider = world.provider({ log });

    const image = await provider.ensure(runtime);
    expect(await world.run(image.imageId)).toBe("labelled\n");
    await provider.ensure(runtime);
    expect(warnings).toEqual([
      [
        "another image has this name; ignoring it",
        {
          runtime,
          reference,
          why: `${reference} is another image, ${foreign}: its label org.opencontainers.image.revision is missing`,
        },
      ],
    ]);
  });

  test("the same commit from another forge is a different image", async () => {
    const { runtime } = await world.addTemplate(helloTemplate({ message: "here" }));
    const here = await world.provider().ensure(runtime);
    await world.forge.addTemplate(`other/${runtime}`, helloTemplate({ message: "here" }));
    const options = { repoPrefix: world.forge.repoPrefix("other") };
    const there = await world.provider({ options }).ensure(runtime);

    expect(there).toMatchObject({ cached: false, reference: here.reference, revision: here.revision });
    expect(there.imageId).not.toBe(here.imageId);
    const { labels } = (await world.engine.inspectImage(there.imageId)) ?? {};
    expect(labels?.["org.opencontainers.image.source"]).toBe(options.repoPrefix + runtime);
  });

  test.each(["buildkit", "classic"] as const)(
    "another platform has its own names, with %s",
    async (builder) => {
      const { runtime, commit } = await world.addTemplate(copyOnly);
      const amd64 = await world.provider({ builder }).ensure(runtime);
      const platform = parsePlatform("linux/arm64/v8");
      const arm64 = await world.provider({ builder, platform }).ensure(runtime);

      expect(arm64).toMatchObject({
        cached: false,
        platform: "linux/arm64",
        reference: world.reference(runtime, `${commit.slice(0, 12)}-arm64`),
      });
      expect(await world.engine.inspectImage(arm64.imageId)).toMatchObject({
        os: "linux",
        architecture: "arm64",
        tags: expect.arrayContaining([arm64.reference, world.reference(runtime, "latest-arm64")]),
      });
      expect((await world.engine.inspectImage(world.reference(runtime, "latest")))?.id).toBe(amd64.imageId);
      expect(await world.provider({ builder, platform }).ensure(runtime)).toMatchObject({ cached: true });
    },
  );

  test.each(["buildkit", "classic"] as const)(
    "a step cached for another platform does not break a build, with %s",
    async (builder) => {
      const shared = randomUUID();
      const template = (own: string): TemplateFiles => ({
        Dockerfile: "FROM scratch\nCOPY shared /\nCOPY own /\n",
        shared,
        own,
      });
      const first = await world.addTemplate(template("first"));
      await world.provider({ builder, platform: parsePlatform("linux/arm64") }).ensure(first.runtime);
      for (const own of ["second", "third"]) {
        const { runtime } = await world.addTemplate(template(own));
        const image = await world.provider({ builder }).ensure(runtime);
        expect(image).toMatchObject({ platform: "linux/amd64", cached: false });
        expect(await world.engine.inspectImage(image.imageId)).toMatchObject({ architecture: "amd64" });
      }
    },
  );

  test.each(["buildkit", "classic"] as const)(
    "every stage uses the base for its platform, whichever was pulled before, with %s",
    async (builder) => {
      const registry = await startRegistry();
      try {
        const images = ["amd64", "arm64"].map((architecture) => ({
          architecture,
          files: { base: `${builder} ${architecture}` },
        }));
        const { reference } = await putIndex({ host: registry.host, repository: "base", images });
        const { busybox } = helloTemplate();
        for (const architecture of ["amd64", "arm64", "amd64"]) {
          const { runtime } = await world.addTemplate({
            Dockerfile: `FROM ${reference} AS first\nFROM scratch\nCOPY cat /bin/cat\nCOPY --from=first /base /base\n`,
            cat: busybox ?? "",
            salt: randomUUID(),
          });
          const platform = parsePlatform(`linux/${architecture}`);
          const image = await world.provider({ builder, platform }).ensure(runtime);
          expect(await world.run(image, ["/bin/cat", "/base"])).toBe(`${builder} ${architecture}`);
        }
      } finally {
        await registry.stop();
      }
    },
  );

  test("a base for another platform is reported as a mismatch, and nothing is tagged", async () => {
    const registry = await startRegistry();
    try {
      const base = await putImage({
        host: registry.host,
        repository: "base",
        architecture: "arm64",
        files: { base: randomUUID() },
      });
      const { runtime, commit } = await world.addTemplate({ Dockerfile: `FROM ${base}\nCOPY . /app\n` });
      expect(await failureOf(world.provider().ensure(runtime))).toMatchObject({
        code: "SOURCE_MISMATCH",
        message: expect.stringContaining(base),
        hint: expect.stringContaining("FROM --platform"),
      });
      const name = world.reference(runtime, commit.slice(0, 12));
      expect(await world.engine.inspectImage(name)).toBeUndefined();
    } finally {
      await registry.stop();
    }
  });

  test("an image for another platform under the name is not a hit", async () => {
    const { runtime } = await world.addTemplate(copyOnly);
    const amd64 = await world.provider().ensure(runtime);
    const arm64 = await world.provider({ platform: parsePlatform("linux/arm64") }).ensure(runtime);
    await world.engine.tagImage(arm64.imageId, amd64.reference);

    const again = await world.provider().ensure(runtime);
    expect(again).toMatchObject({ cached: false, reference: amd64.reference, platform: "linux/amd64" });
    expect(await world.engine.inspectImage(amd64.reference)).toMatchObject({ architecture: "amd64" });
  });

  test("uses the engine's own platform if none is configured", async () => {
    const { runtime, commit } = await world.addTemplate(copyOnly);
    const { platform } = await world.engine.describe();
    const image = await world.provider({ platform: undefined }).ensure(runtime);
    expect(image.platform).toBe(platform);
    expect(image.reference.startsWith(world.reference(runtime, commit.slice(0, 12)))).toBe(true);
  });

  test("an isolation applies to both names", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "isolated" }));
    const shared = await world.provider().ensure(runtime);
    const env = { MOLECULE_LOCAL_IMAGE_ISOLATION: "blue" };
    const blue = await world.provider({ env }).ensure(runtime);

    const reference = world.reference(runtime, `${commit.slice(0, 12)}--blue`);
    expect(blue).toMatchObject({ cached: false, reference });
    const { tags } = (await world.engine.inspectImage(blue.imageId)) ?? {};
    expect(tags).toEqual(expect.arrayContaining([reference, world.reference(runtime, "latest--blue")]));
    expect(await world.provider().ensure(runtime)).toMatchObject({
      cached: true,
      reference: shared.reference,
    });
    expect(await world.provider({ env }).ensure(runtime)).toMatchObject({ cached: true, reference });
  });

  test("rejects an invalid isolation before anything is contacted", async () => {
    const { runtime } = await world.addTemplate(copyOnly);
    const requests = world.forge.requests.length;
    const provider = world.provider({ env: { MOLECULE_LOCAL_IMAGE_ISOLATION: "Blue/Green" } });
    expect(await failureOf(provider.ensure(runtime))).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("MOLECULE_LOCAL_IMAGE_ISOLATION"),
    });
    expect(world.forge.requests).toHaveLength(requests);
  });
});
