import "reflect-metadata";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { tokens } from "@molecule/core";
import { createImageProvider } from "@molecule/host";
import { createMemoryEngine, imageArchive, imageSourceSuite } from "@molecule/testkit";
import { container as root } from "tsyringe";
import plugin from "./index.js";

const archiveThatPrints = (text: string): Buffer =>
  imageArchive({ files: { "message.txt": `${text}\n` } }).bytes;

imageSourceSuite({
  test,
  source: plugin,
  upstream: async (world) => {
    const directory = join(world.directory, "archives");
    await mkdir(directory);
    const overwrite = async (content: string): Promise<void> => {
      for (const name of await readdir(directory)) await writeFile(join(directory, name), content);
    };
    return {
      options: { directory },
      publish: (runtime, version) => writeFile(join(directory, `${runtime}.tar`), archiveThatPrints(version)),
      // A local directory neither hangs, nor floods, nor denies access to root.
      faults: {
        async fail() {
          await rename(directory, `${directory}.gone`);
          return () => rename(`${directory}.gone`, directory);
        },
        async lose() {
          for (const name of await readdir(directory)) await rm(join(directory, name));
          return async () => undefined;
        },
        async lie() {
          await overwrite("garbage");
          return async () => undefined;
        },
      },
    };
  },
});

test("a relative directory in a configuration file is relative to that file", async () => {
  const home = await mkdtemp(join(tmpdir(), "directory-source-"));
  const config = join(home, "config", "molecule.json");
  const settings = { sources: { local: "directory" }, options: { directory: { directory: "../archives" } } };
  await mkdir(join(home, "config"));
  await mkdir(join(home, "archives"));
  await writeFile(config, JSON.stringify(settings));
  await writeFile(join(home, "archives", "hermes.tar"), archiveThatPrints("one"));
  const container = root.createChildContainer();
  container.register(tokens.engine, { useValue: createMemoryEngine() });
  const env = { MOLECULE_LOCAL_BUILD_CACHE: join(home, "cache") };
  const images = await createImageProvider({ cwd: "/", env, home, config, plugins: [plugin], container });
  try {
    const image = await images.ensure("hermes");
    expect(image).toMatchObject({ source: "directory", cached: false });
    expect(await images.ensure("hermes")).toMatchObject({ imageId: image.imageId, cached: true });
  } finally {
    await images.close();
    await rm(home, { recursive: true });
  }
});
