import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { parsePlatform, tokens, type ContainerEngine, type SourcePlugin } from "@molecule/core";
import { container } from "tsyringe";
import { createImageProvider } from "./create-image-provider.js";
import { openHost } from "./open-host.js";
import { useHost } from "./use-host.test.support.js";

const host = useHost();

/** A source that waits for the test before it returns an image named after its options. */
function slowPlugin(gates: readonly Promise<void>[]): SourcePlugin {
  let opened = 0;
  return host.plugin("gitea-local-build", {
    create: (_options, { platform }) => {
      const gate = gates[opened++];
      const image = {
        reference: `example:${platform ?? "native"}`,
        imageId: `sha256:${"a".repeat(64)}`,
        digest: null,
        revision: null,
        platform: platform ?? parsePlatform("linux/amd64"),
        buildKey: null,
        engine: null,
      };
      return {
        name: "gitea-local-build",
        resolve: async (runtime) => ({ ...image, runtime }),
        find: async () => {
          await gate;
          return { hit: true, image };
        },
        provide: async () => image,
      };
    },
  });
}

test("settings change without a lost call: the next provider shares services, the last one finishes its calls", async () => {
  let finish = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const closed: string[] = [];
  const engine: ContainerEngine = Object.assign({} as ContainerEngine, {
    close: async () => void closed.push("engine"),
  });
  const own = container.createChildContainer();
  own.register(tokens.engine, { useValue: engine });
  const plugins = [slowPlugin([first, Promise.resolve()])];
  const options = host.options({ container: own, plugins, config: false });

  const before = await createImageProvider({ ...options, settings: { platform: "linux/amd64" } });
  const running = before.ensure("hermes");
  const after = await createImageProvider({ ...options, settings: { platform: "linux/arm64" } });
  const closing = before.close({ running: "finish" });
  expect(await after.ensure("hermes")).toMatchObject({ platform: "linux/arm64" });
  finish();
  expect(await running).toMatchObject({ platform: "linux/amd64" });
  await closing;

  expect(await after.ensure("hermes")).toMatchObject({ platform: "linux/arm64" });
  await after.close();
  expect(closed).toEqual([]);
});

test("a provider that is disposed of is closed, and so is its host", async () => {
  const images = await createImageProvider(host.options());
  await images[Symbol.asyncDispose]();
  await expect(images.ensure("hermes")).rejects.toMatchObject({
    code: "CANCELLED",
    message: "the image provider is closed",
  });
  const opened = await openHost(host.options());
  await expect(opened[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
