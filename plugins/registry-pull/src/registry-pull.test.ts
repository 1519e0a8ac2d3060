import { describe, expect, test } from "@jest/globals";
import registryPull from "./index.js";
import { checkedOptions, openSource, untouchableEngine } from "./open-source.test.support.js";

describe("the plugin", () => {
  test("supports registry mode only", () => {
    expect(registryPull).toMatchObject({ name: "registry-pull", apiVersion: 1, modes: ["registry"] });
  });
});

describe("options", () => {
  test("have their defaults", async () => {
    expect(await checkedOptions({})).toEqual({
      tag: "latest",
      pullPolicy: "missing",
      pins: {},
      whenRegistryIsDown: "fail",
    });
  });

  test.each(["last-bad", "", true, null])("rejects whenRegistryIsDown: %j", async (written) => {
    await expect(checkedOptions({ whenRegistryIsDown: written })).rejects.toThrow();
  });

  test.each(["", "-x", "a/b", "a b", "x".repeat(129), 7, null])("rejects the tag %j", async (tag) => {
    await expect(checkedOptions({ tag })).rejects.toThrow();
  });

  test.each([
    "missing",
    "always",
    "never",
    "every_500ms",
    "every_30s",
    "every_5m",
    "every_6h",
    "every_24d",
    {},
    { default: "always" },
    { hermes: "never", default: "every_6h" },
  ])("accepts the pull policy %j", async (pullPolicy) => {
    expect(await checkedOptions({ pullPolicy })).toMatchObject({ pullPolicy });
  });

  test.each([
    "sometimes",
    "",
    true,
    null,
    "every_",
    "every_6",
    "every_h",
    "every_0h",
    "every_1.5h",
    "every_-1h",
    "every_ 6h",
    "Every_6h",
    "every_6h ",
    { hermes: "sometimes" },
    { hermes: { every: "6h" } },
  ])("rejects the pull policy %j, and lists the valid ones", async (pullPolicy) => {
    await expect(checkedOptions({ pullPolicy })).rejects.toThrow(
      "must be missing, always, never or every_DURATION, such as every_6h",
    );
  });

  test("rejects a pull policy longer than timers support", async () => {
    await expect(checkedOptions({ pullPolicy: "every_25d" })).rejects.toThrow("must be at most every_24d");
  });

  test.each(["Hermes", "../hermes", ""])("rejects %j as a runtime in pins and policies", async (runtime) => {
    const digest = `sha256:${"a".repeat(64)}`;
    await expect(checkedOptions({ pins: { [runtime]: digest } })).rejects.toThrow("is not a runtime name");
    await expect(checkedOptions({ pullPolicy: { [runtime]: "always" } })).rejects.toThrow(
      "is not a runtime name",
    );
  });

  test.each([
    "a".repeat(64),
    "sha256:abc",
    `sha256:${"A".repeat(64)}`,
    `sha512:${"a".repeat(64)}`,
    "latest",
    7,
  ])("rejects the pinned digest %j", async (pin) => {
    await expect(checkedOptions({ pins: { hermes: pin } })).rejects.toThrow();
  });

  test.each([{ pins: [`sha256:${"a".repeat(64)}`] }, { pullPolicy: ["always"] }])(
    "rejects %j instead of a map from runtimes",
    async (written) => {
      await expect(checkedOptions(written)).rejects.toThrow("must be a map");
    },
  );

  test("the schema for editors knows policies and pins", async () => {
    const schema = await registryPull.optionsJsonSchema?.();
    expect(schema).toMatchObject({
      properties: {
        pullPolicy: { anyOf: [{ type: "string" }, { type: "object" }], default: "missing" },
        pins: { additionalProperties: { pattern: "^sha256:[0-9a-f]{64}$" } },
      },
    });
  });

  test("that are unknown are rejected", async () => {
    await expect(checkedOptions({ pullpolicy: "always" })).rejects.toThrow();
  });
});

describe("nothing is contacted", () => {
  test.each([
    " ",
    "\t",
    "/",
    "https://registry.example.com",
    "registry.example.com/",
    "user:pa55word@registry.example.com",
    "registry.example.com/acme:1",
    "registry.example.com/Acme",
    `registry.example.com/acme@sha256:${"a".repeat(64)}`,
    "registry.example.com//acme",
    "registry.example.com/acme team",
    "-registry",
    "$(id)",
    "../up",
    "é.example.com",
    "a\nb",
  ])("for the prefix %j", async (prefix) => {
    const images = await openSource({ engine: untouchableEngine, prefix });
    for (const method of ["ensure", "plan", "refresh"] as const) {
      const refused = images[method]("hermes");
      await expect(refused).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("MOLECULE_IMAGE_REGISTRY"),
        source: "registry-pull",
      });
      await expect(refused).rejects.not.toHaveProperty("message", expect.stringContaining("pa55word"));
    }
  });

  test.each(["nope", "../hermes", "hermes;id", "Hermes", "", "-h", "a".repeat(64)])(
    "for the runtime %j",
    async (runtime) => {
      const images = await openSource({ engine: untouchableEngine, prefix: "registry.example.com" });
      await expect(images.ensure(runtime)).rejects.toMatchObject({ code: "RUNTIME_UNKNOWN" });
    },
  );

  test("for an unknown runtime with an invalid prefix, and the prefix is reported", async () => {
    const images = await openSource({ engine: untouchableEngine, prefix: "a b" });
    await expect(images.ensure("nope")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
