import { expect, test } from "@jest/globals";
import type { ImageProvider } from "@molecule/core";
import type { TemplateFiles } from "@molecule/testkit";
import { putImage } from "../registry/put-image.js";
import { putIndex } from "../registry/put-index.js";
import type { ImageContent } from "../registry/put-manifest.js";
import { failureOf } from "./failure-of.js";

/** A source and a registry for the tests. Call its members inside tests only. */
export interface BasePlatforms {
  /** HOST:PORT of a registry that the builder accepts without TLS. */
  readonly host: () => string;
  readonly addTemplate: (files: TemplateFiles) => Promise<{ readonly runtime: string }>;
  /** Opens the source for a platform. */
  readonly open: (platform: string) => Promise<ImageProvider>;
}

/** Declares the tests of base images for several platforms, for a builder whose machine emulates no other platform. */
export function testBasePlatforms({ host, addTemplate, open }: BasePlatforms): void {
  const content = (architecture: string): ImageContent => ({ architecture, files: { base: architecture } });
  test("reports a base for another platform as a mismatch, cached or not", async () => {
    const base = await putImage({ host: host(), repository: "only/arm64", ...content("arm64") });
    for (const Dockerfile of [
      `FROM ${base}\nCOPY . /app\n`,
      `FROM ${base}\nCOPY . /app\n`,
      `FROM ${base} AS first\nFROM scratch\nCOPY --from=first /base /base\n`,
    ]) {
      const { runtime } = await addTemplate({ Dockerfile });
      expect(await failureOf((await open("linux/amd64")).ensure(runtime))).toMatchObject({
        code: "SOURCE_MISMATCH",
        message: expect.stringContaining(base),
      });
    }
    const { runtime } = await addTemplate({ Dockerfile: `FROM ${base}\nCOPY . /app\n` });
    expect(await (await open("linux/arm64")).ensure(runtime)).toMatchObject({ platform: "linux/arm64" });
  });

  test("reports a base whose programs cannot run here as a mismatch, and a missing emulator if the base is right", async () => {
    const base = await putImage({ host: host(), repository: "only/running", ...content("arm64") });
    // The kernel does not execute a text file without `#!`.
    const built = async (from: string): Promise<unknown> => {
      const sh = { content: `${from}\n`, mode: 0o755 };
      const { runtime } = await addTemplate({
        Dockerfile: `FROM ${from}\nCOPY sh /bin/sh\nRUN true\n`,
        sh,
      });
      return failureOf((await open("linux/amd64")).ensure(runtime));
    };
    expect(await built(base)).toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining(base),
    });
    expect(await built("scratch")).toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: expect.stringContaining("exec format error"),
      hint: expect.stringContaining("binfmt"),
    });
  });

  test("uses the right platform of an index, whichever was pulled before", async () => {
    const images = [content("amd64"), content("arm64")];
    const { reference } = await putIndex({ host: host(), repository: "both", images });
    for (const platform of ["linux/amd64", "linux/arm64", "linux/amd64"]) {
      const { runtime } = await addTemplate({ Dockerfile: `FROM ${reference}\nCOPY . /app\n` });
      expect(await (await open(platform)).ensure(runtime)).toMatchObject({ platform, cached: false });
    }
  });
}
