import { describe, expect, test } from "@jest/globals";
import { isDiagnosable, isEngineBound, isPrunable, isRecallable } from "./capabilities.js";

class Source {
  readonly name = "a-source";
  diagnose(): Promise<[]> {
    return Promise.resolve([]);
  }
}

describe.each([
  ["diagnose", isDiagnosable],
  ["engine", isEngineBound],
  ["lastGood", isRecallable],
])("%s", (verb, guard) => {
  test("is seen when the source has the method", () => {
    expect(guard({ [verb]: () => undefined })).toBe(true);
  });

  test("is not seen when it is missing or no function", () => {
    for (const source of [{}, { [verb]: undefined }, { [verb]: true }, { [`${verb}s`]: () => undefined }]) {
      expect(guard(source)).toBe(false);
    }
  });
});

test("both verbs of a store are needed", () => {
  const verb = (): undefined => undefined;
  expect([{ stored: verb, discard: verb }, { stored: verb }, { discard: verb }].map(isPrunable)).toEqual([
    true,
    false,
    false,
  ]);
});

test("a method of a class, or of its base, is seen", () => {
  class Derived extends Source {}
  expect([isDiagnosable(new Source()), isDiagnosable(new Derived())]).toEqual([true, true]);
  expect([isPrunable(new Derived()), isRecallable(new Derived())]).toEqual([false, false]);
});
