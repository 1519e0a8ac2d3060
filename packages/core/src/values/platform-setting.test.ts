import { expect, test } from "@jest/globals";
import { platformSetting } from "./platform-setting.js";

test.each(["", "native"])("%j is the engine's own platform", (written) => {
  expect(platformSetting(written)).toBeUndefined();
});

test("any other platform is written in its normal form", () => {
  expect(platformSetting("linux/aarch64")).toBe("linux/arm64");
});

test.each(["Native", " native", "linux/native/x/y", "host", "darwin/arm64"])("%j is refused", (written) => {
  expect(() => platformSetting(written)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", hint: expect.stringContaining("native") }),
  );
});
