import { expect, test } from "@jest/globals";
import type { Run } from "@molecule/core";
import { createMemoryEngine } from "../../fakes/memory/memory-engine.js";
import { watchEngine, makesImage, onlyReads } from "./watched-engine.js";
import { watchRun } from "./watched-run.js";

const well = { exitCode: 0, stdout: "done", stderr: "", ended: "itself" } as const;
const really: Run = async () => well;

function open() {
  const engine = watchEngine(createMemoryEngine());
  return { engine, run: watchRun(really, (_program, [verb]) => verb === "build", engine) };
}

test("a program runs unchanged, and its arguments are recorded", async () => {
  const { engine, run } = open();
  expect(await run("tool", ["list", "--all"], { env: {} })).toEqual(well);
  expect(await run("tool", ["build"], { env: { SECRET: "not looked at" } })).toEqual(well);
  expect(engine.calls.map(({ args }) => args)).toEqual([
    ["tool", "list", "--all"],
    ["tool", "build"],
  ]);
  expect(engine.calls.map(makesImage)).toEqual([false, true]);
  expect(engine.calls.map(onlyReads)).toEqual([true, false]);
});

test("a program that makes images is killed, slow or talkative, as an engine would be; others are not", async () => {
  const { engine, run } = open();
  engine.mood = "dies";
  expect(await run("tool", ["build"], { env: {} })).toMatchObject({ exitCode: null, ended: "itself" });
  engine.mood = "slow";
  const signal = AbortSignal.timeout(20);
  expect(await run("tool", ["build"], { env: {}, signal })).toMatchObject({ ended: "cancelled" });
  expect(await run("tool", ["list"], { env: {} })).toEqual(well);
  engine.mood = "talkative";
  let characters = 0;
  const onLine = (line: string): void => void (characters += line.length);
  expect(await run("tool", ["build"], { env: {}, onLine })).toEqual(well);
  expect(characters).toBeGreaterThan(256 * 1024 * 1024);
});

test("without the engine every program is missing", async () => {
  const { engine, run } = open();
  engine.mood = "down";
  for (const verb of ["build", "list"])
    expect(await run("tool", [verb], { env: {} })).toMatchObject({ ended: "not-found" });
});
