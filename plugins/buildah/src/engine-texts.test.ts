import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { buildFailure, transferFailure, unexplainedImage } from "./build-failure.js";

interface Told {
  readonly fault: string;
  readonly way: string;
  readonly engines: readonly string[];
  readonly outcome: string;
  readonly step?: string;
  readonly text?: string;
  readonly output?: string;
}
interface Outcome {
  readonly code: string;
  readonly transient?: true;
  readonly hint?: string;
}
type Expected = Outcome & { readonly except?: readonly (Outcome & { readonly on: string })[] };

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../packages/engine/src/texts/${name}`, import.meta.url), "utf8"));
const { texts } = read("engine-texts.json") as { readonly texts: readonly Told[] };
const expected = read("expected-outcomes.json") as Readonly<Record<string, Expected>>;

const ofBuildah = texts
  .filter(({ outcome, text = "" }) => outcome === "failure" && unexplainedImage(text) === undefined)
  .flatMap((row) =>
    row.engines
      .filter((engine) => engine.startsWith("buildah"))
      .map((engine) => [engine, row.way, row.fault, row] as const),
  );

test.each(ofBuildah)("%s, %s, %s", (engine, way, fault, { text = "", step, output = "" }) => {
  const wanted = expected[fault];
  const { code, transient = false } = wanted?.except?.find(({ on }) =>
    new RegExp(on).test(`${engine} ${way}`),
  ) ??
    wanted ?? { code: "unknown fault" };
  const failure =
    way === "pull" || way === "push"
      ? transferFailure(text, "r/x:v1", way === "pull" ? "pulled" : "pushed")
      : buildFailure(text, { step, tail: output });
  expect([failure.code, failure.transient !== null, failure.message]).toEqual([
    code,
    transient,
    failure.message,
  ]);
  expect(failure.hint).toBe(wanted?.hint ?? failure.hint);
});

test("recognizes the image of a failed COPY --from", () => {
  expect(unexplainedImage("Error: COPY --from=h:1/x:y: no stage or image found with that name\n")).toBe(
    "h:1/x:y",
  );
});
