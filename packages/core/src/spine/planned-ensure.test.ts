import { expect, test } from "@jest/globals";
import { ImageSourceError } from "../errors/errors.js";
import type { ImageSource } from "../contract/image-source.js";
import { imageId, recordingSource, spine } from "./spine.test.support.js";

test("ensure does not resolve a plan again", async () => {
  const source = recordingSource();
  const images = spine(source);
  const plan = await images.plan("hermes");
  await images.ensure("hermes", { plan });
  expect(source.calls.filter((verb) => verb === "resolve")).toHaveLength(1);
});

test("ensure ignores a plan for another runtime or from another provider", async () => {
  const source = recordingSource();
  const images = spine(source);
  const plan = await images.plan("hermes");
  expect(await images.ensure("codex", { plan })).toMatchObject({ reference: "example/codex:1" });
  await images.ensure("hermes", { plan: { ...plan } });
  expect(source.calls.filter((verb) => verb === "resolve")).toHaveLength(3);
});

test("ensure resolves again if the image has moved since the plan", async () => {
  let failuresLeft = 1;
  const source = recordingSource({
    provide: async (resolution) => {
      if (failuresLeft-- > 0)
        throw new ImageSourceError({ code: "CHECKOUT_FAILED", message: "m", hint: "h", again: true });
      const { reference, revision, platform, buildKey } = resolution;
      return { reference, imageId, digest: null, revision, platform, buildKey, engine: null };
    },
  });
  const images = spine(source);
  await images.ensure("hermes", { plan: await images.plan("hermes") });
  expect(source.calls.filter((verb) => verb === "resolve")).toHaveLength(2);
});

const unreachable = new ImageSourceError({ code: "SOURCE_UNREACHABLE", message: "m", hint: "h" });

/** Has a last good image, and cannot build a new one. */
function recallable(step: "checkout" | "build"): ImageSource {
  const source = recordingSource({
    provide: (_resolution, _found, call) => call.progress.step(step, "x", () => Promise.reject(unreachable)),
  });
  const reference = "example/hermes:old";
  const facts = { digest: null, revision: null, buildKey: null, engine: null };
  return Object.assign(source, {
    lastGood: async () => ({ reference, imageId, platform: "linux/amd64", ...facts }),
  });
}

test("the last good image replaces an unreachable checkout, but not a failed build", async () => {
  expect(await spine(recallable("checkout")).ensure("hermes")).toMatchObject({
    reference: "example/hermes:old",
    stale: true,
  });
  await expect(spine(recallable("checkout")).refresh("hermes")).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
  });
  await expect(spine(recallable("build")).ensure("hermes")).rejects.toMatchObject({
    code: "SOURCE_UNREACHABLE",
  });
});

test("a hint names the options of the source that failed", async () => {
  const resolve = (): Promise<never> =>
    Promise.reject(
      new ImageSourceError({ code: "SOURCE_NOT_FOUND", message: "m", hint: "Set options.<source>.branch." }),
    );
  await expect(spine(recordingSource({ resolve })).ensure("hermes")).rejects.toMatchObject({
    hint: "Set options.recording.branch.",
  });
});
