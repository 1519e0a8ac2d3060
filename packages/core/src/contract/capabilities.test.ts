import { describe, expect, test } from "@jest/globals";
import {
  capabilityMismatch,
  isDiagnosable,
  isEngineBound,
  isPrunable,
  isRecallable,
  isTracking,
} from "./capabilities.js";

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
  ["upstream", isTracking],
])("%s", (verb, guard) => {
  test("is detected if the source has the method", () => {
    expect(guard({ [verb]: () => undefined })).toBe(true);
  });

  test("is not detected if it is missing or not a function", () => {
    for (const source of [{}, { [verb]: undefined }, { [verb]: true }, { [`${verb}s`]: () => undefined }]) {
      expect(guard(source)).toBe(false);
    }
  });
});

test("a store needs both methods", () => {
  const verb = (): undefined => undefined;
  expect([{ stored: verb, discard: verb }, { stored: verb }, { discard: verb }].map(isPrunable)).toEqual([
    true,
    false,
    false,
  ]);
});

test("a method of a class or its base class is detected", () => {
  class Derived extends Source {}
  expect([isDiagnosable(new Source()), isDiagnosable(new Derived())]).toEqual([true, true]);
  expect([isPrunable(new Derived()), isRecallable(new Derived())]).toEqual([false, false]);
});

const method = (): undefined => undefined;

test.each([
  ["it declares the capability recallable, but has no method lastGood", { lastgood: method }],
  [
    "it has a method diagnose, but does not declare the capability diagnosable",
    { lastGood: method, diagnose: method },
  ],
  [
    "it has a method discard, but does not declare the capability prunable",
    { lastGood: method, discard: method },
  ],
])("reports that %s", (expected, source) => {
  expect(capabilityMismatch(["recallable"], source)).toBe(expected);
});

test("accepts a source with exactly the declared capabilities", () => {
  const source = { lastGood: method, stored: method, discard: method };
  expect(capabilityMismatch(["prunable", "recallable"], source)).toBeUndefined();
  expect(capabilityMismatch([], { name: "plain" })).toBeUndefined();
});
