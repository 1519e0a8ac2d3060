import { expect, test } from "@jest/globals";
import { createMask, ImageSourceError, type EngineBound, type ImageSource } from "@molecule/core";
import { diagnose } from "../diagnose.js";
import { openHost } from "../open-host.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();
const unused = (): Promise<never> => Promise.reject(new Error("unused"));

function sourceWith(members: EngineBound): () => ImageSource & EngineBound {
  return () => ({ name: "mine", resolve: unused, find: unused, provide: unused, ...members });
}

test.each([
  ["registry", "in a registry, not in a container engine", "into: engine"],
  ["storage", "in a storage that no container engine uses", "into: docker"],
] as const)("refuses to run images in a %s before anything is contacted", async (imagesIn, where, remedy) => {
  const create = sourceWith({ imagesIn, engine: unused });
  const opened = await openHost(
    host.options({
      plugins: [host.plugin("mine", { create, capabilities: ["engineBound"] })],
      config: false,
      settings: { sources: { local: "mine" } },
    }),
  );
  const images = await opened.createProvider();
  expect(() => {
    images.assertRunnable("hermes");
  }).toThrow(
    expect.objectContaining({
      code: "CONTAINER_FAILED",
      message: `cannot run hermes: the images of the source mine are ${where}`,
      hint: expect.stringContaining(remedy),
    }),
  );
  // `ensure` refuses it, with RUNTIME_UNKNOWN.
  images.assertRunnable("hermse");
  await images.close();
});

test("does not refuse to run images of a source that does not say where they are", async () => {
  const opened = await openHost(host.options());
  const images = await opened.createProvider();
  images.assertRunnable("hermes");
  await images.close();
});

test("refuses options that cannot be used, and contacts nothing", async () => {
  const options = host.options();
  const opened = await openHost(options);
  const images = await opened.createProvider();
  const call = { signal: {} as AbortSignal };
  const runtimes = "hermes" as unknown as readonly string[];
  const refusals = await Promise.allSettled([
    opened.imageEngine(call),
    images.imageEngine(call),
    opened.prune({}, call),
    opened.diagnose(call),
    diagnose(options, call),
    diagnose(options, { runtimes }),
  ]);
  const message = "`signal` must be an AbortSignal, not an object";
  expect(refusals).toMatchObject([
    ...Array.from({ length: 5 }, () => ({ reason: { code: "CONFIG_INVALID", message } })),
    { reason: { code: "CONFIG_INVALID", message: "`runtimes` must be a list, not a string" } },
  ]);
  await images.close();
});

test("an error of the source's own engine() is masked and names the source", async () => {
  const secret = "hunter2hunter2";
  const message = `no storage for ${secret}`;
  const failure = new ImageSourceError({ code: "ENGINE_UNAVAILABLE", message, hint: "Start it." });
  const create = sourceWith({ engine: () => Promise.reject(failure) });
  const options = host.options({
    mask: createMask([secret]),
    plugins: [host.plugin("mine", { create, capabilities: ["engineBound"] })],
    config: false,
    settings: { sources: { local: "mine" } },
  });
  const opened = await openHost(options);
  const images = await opened.createProvider();
  for (const part of [opened, images]) {
    const error: unknown = await part.imageEngine().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: failure.code, source: "mine", message: "no storage for ***" });
    expect(String((error as Error).stack)).not.toContain(secret);
  }
  await images.close();
});
