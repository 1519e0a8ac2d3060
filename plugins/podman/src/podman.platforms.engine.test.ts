import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  describeWithPodman,
  putImage,
  putIndex,
  startRegistry,
  type ImageContent,
  type Registry,
} from "@molecule/testkit";
import { failureOf, useWorld } from "./podman.test.support.js";

describeWithPodman(runner, "Podman and bases of several platforms", (podman) => {
  const world = useWorld();
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
    // Before it is asked for anything: it reads this once.
    await writeFile(
      join(podman().directory, ".config", "containers", "registries.conf"),
      `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`,
    );
  });
  afterAll(() => registry.stop());
  const content = (architecture: string): ImageContent => ({ architecture, files: { base: architecture } });
  const open = (platform: string): ReturnType<typeof world.open> =>
    world.open({ env: { CONTAINER_HOST: podman().address, MOLECULE_IMAGE_PLATFORM: platform } });

  test("a base for another platform is a mismatch that names it, cached or not", async () => {
    const base = await putImage({ host: registry.host, repository: "only/arm64", ...content("arm64") });
    for (const Dockerfile of [
      `FROM ${base}\nCOPY . /app\n`,
      `FROM ${base}\nCOPY . /app\n`,
      `FROM ${base} AS first\nFROM scratch\nCOPY --from=first /base /base\n`,
    ]) {
      const { runtime } = await world.addTemplate({ Dockerfile });
      expect(await failureOf((await open("linux/amd64")).ensure(runtime))).toMatchObject({
        code: "SOURCE_MISMATCH",
        message: expect.stringContaining(base),
      });
    }
    const { runtime } = await world.addTemplate({ Dockerfile: `FROM ${base}\nCOPY . /app\n` });
    expect(await (await open("linux/arm64")).ensure(runtime)).toMatchObject({ platform: "linux/arm64" });
  });

  test("so is one whose programs do not run here; without one, the machine does not emulate", async () => {
    const base = await putImage({ host: registry.host, repository: "only/running", ...content("arm64") });
    // The kernel takes no text without `#!` for a program.
    const built = async (from: string): Promise<unknown> => {
      const sh = { content: `${from}\n`, mode: 0o755 };
      const { runtime } = await world.addTemplate({
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

  test("of an index each platform is taken, whichever came before", async () => {
    const images = [content("amd64"), content("arm64")];
    const { reference } = await putIndex({ host: registry.host, repository: "both", images });
    for (const platform of ["linux/amd64", "linux/arm64", "linux/amd64"]) {
      const { runtime } = await world.addTemplate({ Dockerfile: `FROM ${reference}\nCOPY . /app\n` });
      expect(await (await open(platform)).ensure(runtime)).toMatchObject({ platform, cached: false });
    }
  });
});
