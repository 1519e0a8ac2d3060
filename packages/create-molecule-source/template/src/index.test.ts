import { Readable } from "node:stream";
import { test } from "node:test";
import { silentReport } from "@molecule/core";
import { imageArchive, imageSourceSuite, startMemoryRegistry } from "@molecule/testkit";
import plugin from "./index.js";

type More = Omit<Parameters<typeof imageArchive>[0], "files">;

/** An image that prints the message when it runs. */
const image = (message: string, more: More = {}): Buffer =>
  imageArchive({ files: { "message.txt": `${message}\n` }, ...more }).bytes;

// The conformance laws for sources, one test each. Only the origin of the images must be configured.
imageSourceSuite({
  test,
  source: plugin,
  upstream: async ({ door, engine }) => {
    const registry = await startMemoryRegistry();
    const host = await door(registry.host);
    const images: Record<string, string> = {};
    return {
      // The configuration names the current image.
      get options() {
        return { images: { ...images } };
      },
      async publish(runtime, version) {
        registry.put(`${runtime}:${version}`, image(version));
        images[runtime] = `${host}/${runtime}:${version}`;
      },
      async impostor(reference) {
        const archive = Readable.from([image("another", { tags: [reference], architecture: "arm64" })]);
        await engine.loadImage({ archive, report: silentReport });
      },
      stop: () => registry.stop(),
    };
  },
});
