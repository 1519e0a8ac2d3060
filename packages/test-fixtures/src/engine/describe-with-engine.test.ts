import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { describeWherePossible, type SuiteRunner } from "../programs/describe-where-possible.js";
import { describeWithEngine } from "./describe-with-engine.js";
import { privateEngine } from "./test-engine.js";

const names = ["CI", "MOLECULE_TEST_ENGINE", "MOLECULE_TEST_ENGINE_MISSING", "MOLECULE_TEST_KIND"] as const;
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

function recordingRunner(): { runner: SuiteRunner; calls: string[]; tests: (() => Promise<void>)[] } {
  const calls: string[] = [];
  const tests: (() => Promise<void>)[] = [];
  const run = (kind: string) => (name: string, body: () => void) => {
    calls.push(`${kind} ${name}`);
    body();
  };
  const keep = (name: string, body: () => Promise<void>): void => {
    calls.push(`test ${name}`);
    tests.push(body);
  };
  return {
    runner: { describe: Object.assign(run("describe"), { skip: run("skip") }), test: keep },
    calls,
    tests,
  };
}

describe("a suite that needs an engine", () => {
  test("runs with the address of the engine", async () => {
    process.env.MOLECULE_TEST_ENGINE = "unix:///e.sock";
    const { runner, calls } = recordingRunner();
    describeWithEngine(runner, "suite", ({ address }) => calls.push(address));
    expect(calls).toEqual(["describe suite", "unix:///e.sock"]);
    expect(await privateEngine()).toEqual({ address: "unix:///e.sock" });
  });

  test("is left out of a run for another kind of engine, unless a suite of that kind contains it", () => {
    process.env.MOLECULE_TEST_ENGINE = "unix:///e.sock";
    process.env.MOLECULE_TEST_KIND = "buildah";
    const { runner, calls } = recordingRunner();
    const suite = (name: string): void => describeWithEngine(runner, name, () => undefined);
    suite("before");
    describeWherePossible(runner, "of buildah", { what: "buildah", missing: undefined }, () =>
      suite("within"),
    );
    suite("after");
    process.env.MOLECULE_TEST_KIND = "docker";
    suite("of docker");
    expect(calls).toEqual(["describe of buildah", "describe within", "describe of docker"]);
  });

  test("is skipped loudly without one", () => {
    process.env.MOLECULE_TEST_ENGINE_MISSING = "no dockerd";
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const { runner, calls } = recordingRunner();
    describeWithEngine(runner, "suite", () => undefined);
    expect(calls).toEqual(["skip suite"]);
    expect(write).toHaveBeenCalledWith("\nENGINE TESTS SKIPPED: suite: no dockerd\n");
  });

  test("fails without one where CI is set, and says why", async () => {
    process.env.CI = "true";
    process.env.MOLECULE_TEST_ENGINE_MISSING = "no dockerd";
    const { runner, calls, tests } = recordingRunner();
    describeWithEngine(runner, "suite", () => calls.push("ran"));
    expect(calls).toEqual(["test suite (needs a container engine)"]);
    await expect(tests[0]?.()).rejects.toThrow("no dockerd");
    await expect(privateEngine()).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });
});
