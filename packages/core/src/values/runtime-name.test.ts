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
  ])("answers %s", (name) => {
    expect(parseRuntimeName(name)).toBe(name);
  });

  test.each(unusable)("refuses %j with RUNTIME_UNKNOWN", (name) => {
    expect(() => parseRuntimeName(name)).toThrow(expect.objectContaining({ code: "RUNTIME_UNKNOWN" }));
  });

  test.each<unknown>([undefined, null, 5, ["hermes"], { toString: () => "hermes" }])(
    "refuses what is no text: %p",
    (value) => {
      expect(() => parseRuntimeName(value as string)).toThrow(
        expect.objectContaining({ code: "RUNTIME_UNKNOWN" }),
      );
    },
  );
});

describe("the allowlist", () => {
  test("holds the shipped runtimes without any configuration", () => {
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

  test("takes added names, one that is shipped already too", () => {
    const allowed = allowedRuntimes(["my-agent", "hermes"], ".moleculerc");
    expect(allowed.size).toBe(shippedRuntimes.length + 1);
    expect(knownRuntime("my-agent", allowed)).toBe("my-agent");
  });

  test.each(unusable)("refuses to add %j: CONFIG_INVALID, naming the file", (name) => {
    expect(() => allowedRuntimes(["my-agent", name], "/home/u/.moleculerc")).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("/home/u/.moleculerc"),
      }),
    );
  });

  test.each([...unusable, "my-agent", "constructor"])("does not know %j", (name) => {
    expect(() => knownRuntime(name, allowedRuntimes([], "default"))).toThrow(
      expect.objectContaining({ code: "RUNTIME_UNKNOWN" }),
    );
  });

  test("an unknown runtime gets the list of known ones, including the added ones", () => {
    expect(() => knownRuntime("hermse", allowedRuntimes(["my-agent"], ".moleculerc"))).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/hermes.*my-agent/) }),
    );
  });
});
