import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { tracesOf } from "../bench/traces-of.js";
import type { Bench } from "../bench/bench.js";
import { outcomeOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { resolutionFacts } from "../bench/resolution-facts.js";
import { shown } from "../world/collected-texts.js";
import { diskTexts } from "../world/disk-snapshot.js";
import type { EndFault } from "../world/upstream-faults.js";

/** Everything that a source emits under one fault: results, errors and log lines. */
async function collectOutput(bench: Bench, breakUpstream?: () => Promise<EndFault>): Promise<void> {
  const { source, runtime, texts } = bench;
  const resolution = await source.resolve(runtime, bench.call());
  texts.hear(shown(resolutionFacts(resolution)));
  const endFault = await breakUpstream?.();
  for (const work of [
    async (): Promise<unknown> => resolutionFacts(await source.resolve(runtime, bench.call())),
    (): Promise<unknown> => source.provide(resolution, undefined, bench.call()),
    (): Promise<unknown> => source.find(resolution, bench.call()),
  ]) {
    texts.hear(shown(await outcomeOf(work(), "the call")));
  }
  await endFault?.();
}

/** Everything that is never masked: results that are printed verbatim, requests to the engine, files. */
async function assertNotSent(bench: Bench): Promise<void> {
  const traces = (text: string | Buffer): readonly string[] => tracesOf([bench.secret], text);
  // Omits function members: of a request, only the data that is sent.
  const calls = bench.engine.calls.map(({ method, args }) => [method, ...args.map(dataOf)]);
  assert.deepEqual(traces(JSON.stringify(calls)), [], "the secret is sent to the engine");
  for (const [path, content] of await diskTexts(bench.directory))
    assert.deepEqual(traces(content), [], `the secret is in ${path}`);
}

function dataOf(argument: unknown): unknown {
  if (typeof argument !== "object" || argument === null) return argument;
  return Object.fromEntries(
    Object.entries(argument).filter(
      ([name]) => !["signal", "progress", "log", "report", "context"].includes(name),
    ),
  );
}

export const secrets: Chapter = {
  name: "Secrets",
  laws: {
    "a successful call reveals none": async (bench) => {
      const { resolution, image } = await bench.ready("one");
      assert.deepEqual(
        tracesOf([bench.secret], shown([resolutionFacts(resolution), image])),
        [],
        "the secret is in a result",
      );
      await collectOutput(bench);
      await assertMasked(bench);
      await assertNotSent(bench);
    },

    "a refusal that echoes the request reveals none": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      await collectOutput(bench, () => bench.breakUpstream("refuse", "echo"));
      await assertMasked(bench);
      await assertNotSent(bench);
    },
  },
};

/** Texts are masked before they are printed, so a source that prints a secret must have registered it. */
async function assertMasked({ texts, mask, secret }: Bench): Promise<void> {
  await sleep(10);
  const traces = tracesOf([secret], mask.text(texts.all()));
  assert.deepEqual(
    traces,
    [],
    "the secret is in the output of the source, and was not added to `services.mask`",
  );
}
