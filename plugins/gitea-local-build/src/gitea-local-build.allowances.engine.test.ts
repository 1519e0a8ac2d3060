import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { failureOf } from "@molecule/test-fixtures/source";
import { helloTemplate, type TemplateFiles } from "@molecule/testkit";
import { useWorld } from "./gitea-local-build.test.support.js";

const gitlink = { submodule: "2".repeat(40) };
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;

describeWithEngine({ describe, test }, "what a template may use", ({ address }) => {
  const world = useWorld(address);

  async function expectRefused(files: TemplateFiles, options: object, words: string): Promise<void> {
    const { runtime, commit } = await world.addTemplate(files);
    const builds = world.builds.length;
    const failure = await failureOf(world.provider({ options: { ...options } }).ensure(runtime));
    expect(failure).toMatchObject({ code: "TEMPLATE_INVALID", source: "gitea-local-build", step: "build" });
    expect(failure.message).toContain(words);
    expect(world.builds).toHaveLength(builds);
    expect(await world.engine.inspectImage(world.reference(runtime, commit.slice(0, 12)))).toBeUndefined();
  }

  test("submodules only if allowed, as empty directories", async () => {
    const files = { ...helloTemplate(), "vendor/s": gitlink };
    await expectRefused(files, {}, '"vendor/s"');
    const { runtime } = await world.addTemplate(files);
    const { imageId } = await world.provider({ options: { allowSubmodules: true } }).ensure(runtime);
    expect(await world.run(imageId, ["/bin/find", "/app/vendor"])).toBe("/app/vendor\n/app/vendor/s\n");
  });

  test("LFS files only if allowed, as pointers", async () => {
    const files = { ...helloTemplate(), ".gitattributes": "*.bin filter=lfs\n", "a.bin": pointer };
    await expectRefused(files, {}, '"a.bin"');
    const { runtime } = await world.addTemplate(files);
    const { imageId } = await world.provider({ options: { allowLfs: true } }).ensure(runtime);
    expect(await world.run(imageId, ["/bin/cat", "/app/a.bin"])).toBe(pointer);
  });

  test.each(["buildkit", "classic"] as const)("an allowance changes the image, with %s", async (builder) => {
    const { runtime } = await world.addTemplate(helloTemplate());
    const first = await world.provider({ builder }).ensure(runtime);
    const options = { allowSubmodules: true };
    expect(await world.provider({ builder, options }).ensure(runtime)).toMatchObject({
      cached: false,
      reference: first.reference,
    });
  });

  test("only allowed registries; others get no request", async () => {
    const asked: string[] = [];
    const canary = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => canary.once("listening", resolve));
    const registry = `127.0.0.1:${String((canary.address() as AddressInfo).port)}`;
    try {
      const options = { allowedRegistries: ["docker.io"] };
      await expectRefused({ Dockerfile: `FROM ${registry}/x\n` }, options, `${registry}/x`);
      await expectRefused({ Dockerfile: `# syntax=${registry}/f\nFROM scratch\n` }, options, `${registry}/f`);
      expect(asked).toEqual([]);

      const { runtime } = await world.addTemplate(helloTemplate());
      await world.provider({ options: { allowedRegistries: [] } }).ensure(runtime);
      const other = await world.addTemplate({ Dockerfile: `FROM ${registry}/x\n` });
      const allowing = world.provider({ options: { allowedRegistries: [registry] } });
      await failureOf(allowing.ensure(other.runtime));
      expect(asked).not.toEqual([]);
    } finally {
      canary.closeAllConnections();
      canary.close();
    }
  });
});
