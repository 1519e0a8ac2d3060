import { describe, expect, test } from "@jest/globals";
import registryPull from "./index.js";
import { checkedOptions, openSource, untouchableEngine } from "./open-source.test.support.js";

describe("the plugin", () => {
  test("serves registries, and no local mode", () => {
    expect(registryPull).toMatchObject({ name: "registry-pull", apiVersion: 1, modes: ["registry"] });
  });
});

describe("options", () => {
  test("have their defaults", async () => {
    expect(await checkedOptions({})).toEqual({ tag: "latest", pullPolicy: "missing", pins: {} });
  });

  test.each(["", "-x", "a/b", "a b", "x".repeat(129), 7, null])("%j is no tag", async (tag) => {
    await expect(checkedOptions({ tag })).rejects.toThrow();
  });

  test.each(["every_6h", "sometimes", "", true])(
    "the pull policy %j is refused, and says what there is",
    async (pullPolicy) => {
      await expect(checkedOptions({ pullPolicy })).rejects.toThrow(
        "must be missing, always or never; every_… is not served by this version",
      );
    },
  );

  test("pins are refused, not ignored", async () => {
    await expect(checkedOptions({ pins: { hermes: `sha256:${"a".repeat(64)}` } })).rejects.toThrow(
      "not served by this version",
    );
  });

  test("that nobody knows are refused", async () => {
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
    for (const ask of ["ensure", "plan", "refresh"] as const) {
      const asked = images[ask]("hermes");
      await expect(asked).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("MOLECULE_IMAGE_REGISTRY"),
        source: "registry-pull",
      });
      await expect(asked).rejects.not.toHaveProperty("message", expect.stringContaining("pa55word"));
    }
  });

  test.each(["nope", "../hermes", "hermes;id", "Hermes", "", "-h", "a".repeat(64)])(
    "for the runtime %j",
    async (runtime) => {
      const images = await openSource({ engine: untouchableEngine, prefix: "registry.example.com" });
      await expect(images.ensure(runtime)).rejects.toMatchObject({ code: "RUNTIME_UNKNOWN" });
    },
  );

  test("for an unknown runtime under a bad prefix: the prefix is told", async () => {
    const images = await openSource({ engine: untouchableEngine, prefix: "a b" });
    await expect(images.ensure("nope")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
