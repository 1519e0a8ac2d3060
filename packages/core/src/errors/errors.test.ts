import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { exitStatusByCode, ImageSourceError, isImageSourceError } from "./errors.js";

const facts = { code: "BUILD_FAILED", message: "the build failed", hint: "Read the output." } as const;

test("every code has the documented exit status", () => {
  const codesByStatus = new Map<number, string[]>();
  for (const [code, status] of Object.entries(exitStatusByCode)) {
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code].sort());
  }
  expect(Object.fromEntries(codesByStatus)).toEqual({
    2: [
      "CONFIG_INVALID",
      "CONFIG_UNTRUSTED",
      "PLUGIN_BROKEN",
      "PLUGIN_INVALID",
      "PLUGIN_NOT_FOUND",
      "RUNTIME_UNKNOWN",
      "USAGE",
    ],
    3: [
      "CHECKOUT_FAILED",
      "SOURCE_DENIED",
      "SOURCE_MALFORMED",
      "SOURCE_MISMATCH",
      "SOURCE_NOT_FOUND",
      "SOURCE_UNREACHABLE",
    ],
    4: ["CONTAINER_CONFLICT", "CONTAINER_FAILED", "ENGINE_UNAVAILABLE", "STORAGE_UNUSABLE", "TOOL_MISSING"],
    5: ["BUILD_FAILED", "TEMPLATE_INVALID"],
    6: ["STALLED", "TIMED_OUT"],
    70: ["INTERNAL"],
    130: ["CANCELLED"],
  });
});

describe("an error", () => {
  test("is an Error with a name, a message and a stack", () => {
    const error = new ImageSourceError(facts);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe("ImageSourceError");
    expect(error.stack).toContain("ImageSourceError: the build failed");
    expect(error.stack).toContain("errors.test.ts");
  });

  test("serializes unknown facts as null, and omits its cause", () => {
    const error = new ImageSourceError({ ...facts, cause: new Error("inner") });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ ...facts, source: null, step: null, output: null });
    expect(error.cause).toEqual(new Error("inner"));
  });

  test("serializes all known facts", () => {
    const all = { ...facts, source: "gitea-local-build", step: "build", output: "line 1\nline 2" };
    expect(JSON.parse(JSON.stringify(new ImageSourceError(all)))).toEqual(all);
  });

  test("has no cause if none was given", () => {
    expect("cause" in new ImageSourceError(facts)).toBe(false);
    expect("cause" in new ImageSourceError(facts).with({ source: "s" })).toBe(false);
  });
});

describe("with facts added", () => {
  test("keeps the other facts, its cause and its original stack", () => {
    const error = new ImageSourceError({ ...facts, step: "build", output: "o", cause: "why" });
    const stamped = error.with({ source: "podman" });
    expect(stamped.toJSON()).toEqual({ ...facts, step: "build", output: "o", source: "podman" });
    expect(stamped.cause).toBe("why");
    expect(stamped.stack).toBe(error.stack);
    expect(isImageSourceError(stamped)).toBe(true);
  });

  test("leaves the original error unchanged", () => {
    const error = new ImageSourceError(facts);
    error.with({ source: "podman", message: "another" });
    expect(error.toJSON()).toEqual({ ...facts, source: null, step: null, output: null });
  });

  test("replaces existing facts", () => {
    const changed = new ImageSourceError({ ...facts, source: "a" }).with({
      source: "b",
      message: "other",
      cause: 1,
    });
    expect(changed).toMatchObject({ source: "b", message: "other", cause: 1, code: "BUILD_FAILED" });
  });
});

describe("isImageSourceError", () => {
  test("recognizes an error from another copy of this package", () => {
    class Copy extends Error {
      constructor() {
        super("from elsewhere");
        Object.defineProperty(this, Symbol.for("@molecule/core/ImageSourceError"), { value: true });
      }
    }
    expect(isImageSourceError(new Copy())).toBe(true);
  });

  test("recognizes its subclasses", () => {
    class Special extends ImageSourceError {}
    expect(isImageSourceError(new Special(facts))).toBe(true);
  });

  test.each([new Error("x"), { code: "BUILD_FAILED" }, "BUILD_FAILED", null, undefined, 0, () => undefined])(
    "does not recognize %p",
    (value) => {
      expect(isImageSourceError(value)).toBe(false);
    },
  );

  test("hides its brand from inspection", () => {
    expect(inspect(new ImageSourceError(facts))).not.toContain("Symbol(");
  });
});
