import { describe, expect, test } from "@jest/globals";
import { allowedRuntimes, knownRuntime, parseRuntimeName, shippedRuntimes } from "./runtime-name.js";

const unusable = [
  "",
  " ",
  "Hermes",
  "-hermes",
  "hermes-",
  ".hermes",
  "hermes.",
  "_hermes",
  "her..mes",
  "her___mes",
  "her._mes",
  "her-_mes",
  "her mes",
  "her/mes",
  "her\\mes",
  "../hermes",
  "..",
  "hermes\n",
  "her\u0000mes",
  "--upload-pack=touch /tmp/pwn",
  "hermes:latest",
  "hermès",
  "h".repeat(64),
];

describe("parseRuntimeName", () => {
  test.each([
    "hermes",
    "claude-code",
    "a",
    "0",
    "a.b",
    "a_b",
    "a__b",
    "a-----b",
    "a.b_c__d-e",
    "h".repeat(63),
  ])("accepts %s", (name) => {
    expect(parseRuntimeName(name)).toBe(name);
  });

  test.each(unusable)("rejects %j with RUNTIME_UNKNOWN", (name) => {
    expect(() => parseRuntimeName(name)).toThrow(expect.objectContaining({ code: "RUNTIME_UNKNOWN" }));
  });

  test.each<unknown>([undefined, null, 5, ["hermes"], { toString: () => "hermes" }])(
    "rejects a value that is not a string: %p",
    (value) => {
      expect(() => parseRuntimeName(value as string)).toThrow(
        expect.objectContaining({ code: "RUNTIME_UNKNOWN" }),
      );
    },
  );
});

describe("the allowlist", () => {
  test("contains the shipped runtimes without any configuration", () => {
    expect([...allowedRuntimes([], "default")]).toEqual([
      "claude-code",
      "hermes",
      "langgraph",
      "autogen",
      "crewai",
      "deepagents",
      "codex",
      "gemini-cli",
      "openclaw",
    ]);
  });

  test("accepts added names, including shipped ones", () => {
    const allowed = allowedRuntimes(["my-agent", "hermes"], ".moleculerc");
    expect(allowed.size).toBe(shippedRuntimes.length + 1);
    expect(knownRuntime("my-agent", allowed)).toBe("my-agent");
  });

  test.each(unusable)("rejects the added name %j with CONFIG_INVALID, naming the file", (name) => {
    expect(() => allowedRuntimes(["my-agent", name], "/home/u/.moleculerc")).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("/home/u/.moleculerc"),
      }),
    );
  });

  test.each([...unusable, "my-agent", "constructor"])("does not contain %j", (name) => {
    expect(() => knownRuntime(name, allowedRuntimes([], "default"))).toThrow(
      expect.objectContaining({ code: "RUNTIME_UNKNOWN" }),
    );
  });

  test("an error for an unknown runtime lists the known ones, including added ones", () => {
    expect(() => knownRuntime("hermse", allowedRuntimes(["my-agent"], ".moleculerc"))).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/hermes.*my-agent/) }),
    );
  });
});
