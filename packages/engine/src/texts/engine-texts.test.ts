import { expect, test } from "@jest/globals";
import { buildFailure, readFailedStep, type ImageSourceError } from "@molecule/core";
import { pullFailure } from "../images/classify-pull-failure.js";
import { EngineRefusal, failedEngine } from "../connection/engine-errors.js";
import { pushFailure } from "../images/push-image.js";
import { engineTexts, expectedOutcomes, type EngineText } from "./engine-texts.test.support.js";

const reference = "127.0.0.1:5000/fault/name:v1";
const address = "unix:///engine";

function failureOf({
  way,
  text = "",
  status = 200,
  code = 0,
  step,
  output = "",
}: EngineText): ImageSourceError {
  const cause = new EngineRefusal(status, text);
  if (way === "pull") return pullFailure({ text, status }, { reference, address }, cause);
  if (way === "push") return pushFailure(text, reference, address, cause);
  const fetching = way === "build" ? undefined : `FROM ${reference}`;
  return buildFailure(
    { text, code },
    { step, fetching, bases: { used: [reference] }, tail: output },
    failedEngine(address),
    cause,
  );
}

const rows = engineTexts.flatMap(({ engines, ...row }) =>
  engines.map((engine) => ({ ...row, engine, engines: [engine] })),
);
// The source that runs a program replays the program's texts.
const ofEngines = rows.filter(
  ({ engine, outcome, text = "" }) =>
    !engine.startsWith("buildah") &&
    outcome === "failure" &&
    readFailedStep({ text }).unexplainedImage === undefined,
);

test.each(ofEngines.map((row) => [row.engine, row.way, row.fault, row] as const))(
  "%s, %s, %s",
  (engine, way, fault, row) => {
    const expected = expectedOutcomes[fault];
    const exception = expected?.except?.find(({ on }) => new RegExp(on).test(`${engine} ${way}`));
    const { code, transient = false } = exception ?? expected ?? { code: "unknown fault" };
    const failure = failureOf(row);
    expect({ code: failure.code, transient: failure.transient !== null, message: failure.message }).toEqual({
      code,
      transient,
      message: failure.message,
    });
    expect(failure.hint).toBe(expected?.hint ?? failure.hint);
  },
);

test("knows which faults may succeed anyway", () => {
  const working = engineTexts.filter(({ outcome }) => outcome === "success").map(({ fault }) => fault);
  expect([...new Set(working)].filter((fault) => expectedOutcomes[fault]?.mayWork === undefined)).toEqual([]);
});

test("every expected fault was provoked", () => {
  const provoked = new Set(engineTexts.map(({ fault }) => fault));
  expect(Object.keys(expectedOutcomes).filter((fault) => !provoked.has(fault))).toEqual([]);
});
