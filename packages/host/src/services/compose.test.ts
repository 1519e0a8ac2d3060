import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { tokens, type ContainerEngine, type ImageSource } from "@molecule/core";
import { container as root } from "tsyringe";
import { createImageProvider } from "../create-image-provider.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();

const engine = {
  close: () => Promise.reject(new Error("not the host's to close")),
} as unknown as ContainerEngine;

test.each(["engine", "fetch", "run", "clock"] as const)(
  "the application's container replaces %s",
  async (name) => {
    const own =
      name === "engine"
        ? engine
        : name === "clock"
          ? { monotonicMs: () => 0, wallMs: () => 0, after: () => () => undefined }
          : () => undefined;
    const container = root.createChildContainer();
    container.register(tokens[name], { useFactory: () => own });
    const images = await createImageProvider(host.options({ container }));
    expect(host.seen.at(-1)?.services[name]).toBe(own);
    expect(images.container.resolve(tokens[name])).toBe(own);
    await images.close();
  },
);

test("the application's container is unchanged; a child of it gets the provider, the source and every service", async () => {
  const container = root.createChildContainer();
  const images = await createImageProvider(host.options({ container }));
  expect(images.container.resolve(tokens.imageProvider)).toBe(images);
  expect(images.container.resolve<ImageSource>(tokens.imageSource).name).toBe("gitea-local-build");
  for (const token of Object.values(tokens)) {
    expect(images.container.isRegistered(token)).toBe(true);
    expect(container.isRegistered(token, true)).toBe(false);
  }
  await images.close();
});

test("the application's container must not return a promise, which nothing would await", async () => {
  const container = root.createChildContainer();
  container.register(tokens.engine, { useFactory: () => Promise.resolve(engine) });
  await expect(createImageProvider(host.options({ container }))).rejects.toThrow(TypeError);
});

test("the application's container is optional: the host creates its own", async () => {
  const images = await createImageProvider(host.options());
  const another = await createImageProvider(host.options());
  expect(images.container.resolve(tokens.imageProvider)).toBe(images);
  expect(another.container.resolve(tokens.imageProvider)).toBe(another);
  for (const token of Object.values(tokens)) expect(root.isRegistered(token)).toBe(false);
  await images.close();
  await another.close();
});
