import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { SuiteRunner } from "../programs/describe-where-possible.js";
import { describeWithEngine } from "./describe-with-engine.js";
import { privateEngine } from "./test-engine.js";

const names = ["CI", "MOLECULE_TEST_ENGINE", "MOLECULE_TEST_ENGINE_MISSING"] as const;
let before: readonly (readonly [string, string | undefined])[];

beforeEach(() => {
  before = names.map((name) => [name, process.env[name]]);
  for (const name of names) Reflect.deleteProperty(process.env, name);
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const [name, value] of before) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

function recordingRunner(): { runner: SuiteRunner; said: string[]; tests: (() => Promise<void>)[] } {
  const said: string[] = [];
  const tests: (() => Promise<void>)[] = [];
  const run = (kind: string) => (name: string, body: () => void) => {
    said.push(`${kind} ${name}`);
    body();
  };
  const keep = (name: string, body: () => Promise<void>): void => {
    said.push(`test ${name}`);
    tests.push(body);
  };
  return {
    runner: { describe: Object.assign(run("describe"), { skip: run("skip") }), test: keep },
    said,
    tests,
  };
}

describe("a suite that needs an engine", () => {
  test("runs with the address of the engine", async () => {
    process.env.MOLECULE_TEST_ENGINE = "unix:///e.sock";
    const { runner, said } = recordingRunner();
    describeWithEngine(runner, "suite", ({ address }) => said.push(address));
    expect(said).toEqual(["describe suite", "unix:///e.sock"]);
    expect(await privateEngine()).toEqual({ address: "unix:///e.sock" });
  });

  test("is skipped loudly without one", () => {
    process.env.MOLECULE_TEST_ENGINE_MISSING = "no dockerd";
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const { runner, said } = recordingRunner();
    describeWithEngine(runner, "suite", () => undefined);
    expect(said).toEqual(["skip suite"]);
    expect(write).toHaveBeenCalledWith("\nENGINE TESTS SKIPPED: suite: no dockerd\n");
  });

  test("fails without one where CI is set, and says why", async () => {
    process.env.CI = "true";
    process.env.MOLECULE_TEST_ENGINE_MISSING = "no dockerd";
    const { runner, said, tests } = recordingRunner();
    describeWithEngine(runner, "suite", () => said.push("ran"));
    expect(said).toEqual(["test suite (needs a container engine)"]);
    await expect(tests[0]?.()).rejects.toThrow("no dockerd");
    await expect(privateEngine()).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});
