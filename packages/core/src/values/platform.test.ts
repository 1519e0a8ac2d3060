import { describe, expect, test } from "@jest/globals";
import { defaultPlatform, isPlatform, parsePlatform, platformOf, platformParts } from "./platform.js";

describe("normalizes a platform as containerd does", () => {
  test.each([
    ["linux/amd64", "linux/amd64"],
    ["linux/x86_64", "linux/amd64"],
    ["linux/x86-64", "linux/amd64"],
    ["Linux/X86_64", "linux/amd64"],
    ["linux/amd64/v1", "linux/amd64"],
    ["linux/x86_64/V1", "linux/amd64"],
    ["linux/amd64/v2", "linux/amd64/v2"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/arm64", "linux/arm64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/Aarch64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm64/8", "linux/arm64"],
    ["linux/aarch64/v8", "linux/arm64"],
    ["linux/arm64/v9", "linux/arm64/v9"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/7", "linux/arm/v7"],
    ["linux/arm/v7", "linux/arm/v7"],
    ["linux/arm/6", "linux/arm/v6"],
    ["linux/arm/v6", "linux/arm/v6"],
    ["linux/arm/5", "linux/arm/v5"],
    ["linux/arm/8", "linux/arm/v8"],
    ["linux/armhf", "linux/arm/v7"],
    ["linux/armhf/v6", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["linux/armel/v7", "linux/arm/v6"],
    ["linux/i386", "linux/386"],
    ["linux/i386/v1", "linux/386"],
    ["linux/386", "linux/386"],
    ["linux/s390x", "linux/s390x"],
    ["linux/ppc64le", "linux/ppc64le"],
    ["linux/riscv64", "linux/riscv64"],
    ["linux/mips64p32le", "linux/mips64p32le"],
    ["linux/constructor", "linux/constructor"],
  ])("%s is %s", (written, normal) => {
    expect(parsePlatform(written)).toBe(normal);
    expect(parsePlatform(normal)).toBe(normal);
    expect(platformOf(platformParts(parsePlatform(normal)))).toBe(normal);
  });

  test("the default is linux/amd64", () => {
    expect(parsePlatform(defaultPlatform)).toBe("linux/amd64");
  });
});

test.each([
  "",
  "linux",
  "amd64",
  "linux/",
  "/amd64",
  "/linux/arm",
  "linux/arm/",
  "linux /arm",
  "linux/ arm",
  "linux/&arm",
  "linux/arm/foo/bar",
  "linux/amd64\n",
  "linux/amd64,linux/arm64",
  "linux/*",
  "linux/../amd64",
  "linux/-amd64",
  "linux/__proto__",
  "windows/amd64",
  "darwin/arm64",
  "linuxx/amd64",
  `linux/${"a".repeat(33)}`,
])("rejects %j with CONFIG_INVALID", (written) => {
  expect(() => parsePlatform(written)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

describe("normalizes the platform that an engine reports", () => {
  test.each([
    [{ os: "linux", architecture: "amd64", variant: "" }, "linux/amd64"],
    [{ os: "linux", architecture: "x86_64", variant: "" }, "linux/amd64"],
    [{ os: "linux", architecture: "aarch64", variant: "v8" }, "linux/arm64"],
    [{ os: "linux", architecture: "arm", variant: "" }, "linux/arm/v7"],
    [{ os: "windows", architecture: "amd64", variant: "" }, "windows/amd64"],
    [{ os: "linux", architecture: "__proto__", variant: "" }, "linux/__proto__"],
  ])("%j is %s", (parts, normal) => {
    expect(platformOf(parts)).toBe(normal);
  });
});

describe("matches an image for the requested platform", () => {
  test.each([
    ["linux/amd64", "linux", "amd64", ""],
    ["linux/amd64", "linux", "x86_64", ""],
    ["linux/amd64", "linux", "amd64", "v1"],
    ["linux/arm64", "linux", "arm64", "v8"],
    ["linux/arm64", "linux", "aarch64", ""],
    ["linux/arm/v7", "linux", "arm", "v7"],
    ["linux/arm/v7", "linux", "arm", ""],
    ["linux/arm/v6", "linux", "arm", ""],
    ["linux/amd64/v3", "linux", "amd64", ""],
  ])("%s: %s %s %j", (wanted, os, architecture, variant) => {
    expect(isPlatform({ os, architecture, variant }, parsePlatform(wanted))).toBe(true);
  });
});

describe("does not match an image for another platform", () => {
  test.each([
    ["linux/amd64", "linux", "arm64", ""],
    ["linux/amd64", "linux", "arm64", "v8"],
    ["linux/amd64", "windows", "amd64", ""],
    ["linux/amd64", "linux", "386", ""],
    ["linux/amd64", "linux", "amd64", "v3"],
    ["linux/arm/v7", "linux", "arm", "v6"],
    ["linux/arm64", "linux", "arm", "v8"],
    ["linux/amd64", "", "", ""],
  ])("%s: %s %s %j", (wanted, os, architecture, variant) => {
    expect(isPlatform({ os, architecture, variant }, parsePlatform(wanted))).toBe(false);
  });
});
