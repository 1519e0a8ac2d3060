import { expect, test } from "@jest/globals";
import { createMask, ImageSourceError, type EngineBound, type ImageSource } from "@molecule/core";
import { openHost } from "../open-host.js";
import { useHost } from "../use-host.test.support.js";

const host = useHost();

test("an error of the source's own engine() is masked and names the source", async () => {
  const secret = "hunter2hunter2";
  const message = `no storage for ${secret}`;
  const failure = new ImageSourceError({ code: "ENGINE_UNAVAILABLE", message, hint: "Start it." });
  const unused = (): Promise<never> => Promise.reject(new Error("unused"));
  const create = (): ImageSource & EngineBound => ({
    name: "mine",
    resolve: unused,
    find: unused,
    provide: unused,
    engine: () => Promise.reject(failure),
  });
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
