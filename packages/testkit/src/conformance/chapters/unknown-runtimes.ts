import { strict as assert } from "node:assert";
import { assertTyped, upstreamCodes } from "../bench/assert-typed.js";
import type { Bench } from "../bench/bench.js";
import { failureOf } from "../bench/in-time.js";
import type { Chapter } from "../bench/law.js";
import { openSpine } from "../bench/open-spine.js";

async function imageOf(bench: Bench): Promise<unknown> {
  const resolution = await bench.source.resolve(bench.runtime, bench.call());
  return bench.source.provide(resolution, undefined, bench.call());
}

export const unknownRuntimes: Chapter = {
  name: "Unknown runtimes",
  laws: {
    "a runtime that is not on the allowlist never reaches the source": async (bench) => {
      const calls: string[] = [];
      const { length } = bench.engine.calls;
      const source = new Proxy(bench.source, {
        get(target, name) {
          if (typeof name === "string" && name !== "name") calls.push(name);
          return Reflect.get(target, name) as unknown;
        },
      });
      const provider = openSpine(bench, source);
      for (const name of ["foreign", "../etc", "UPPER", ""]) {
        for (const verb of ["plan", "ensure", "refresh"] as const) {
          const error = await failureOf(provider[verb](name), verb);
          assertTyped(error, `${verb} of ${JSON.stringify(name)}`, ["RUNTIME_UNKNOWN"]);
        }
      }
      await provider.close();
      assert.deepEqual(calls, []);
      assert.equal(bench.doors.requests, 0, "requests");
      assert.equal(bench.engine.calls.length, length, "engine calls");
    },

    "a runtime that upstream does not have gets no image": async (bench) => {
      // On the allowlist, but never published.
      const error = await failureOf(imageOf(bench), "a runtime that upstream does not have");
      assertTyped(error, "a runtime that upstream does not have", ["SOURCE_NOT_FOUND", "SOURCE_DENIED"]);
      assert.deepEqual(await bench.images(), new Map());
    },

    "a runtime that upstream has lost (404) gets no image": async (bench) => {
      await bench.upstream.publish(bench.runtime, "one");
      await bench.breakUpstream("lose", { status: 404 });
      const error = await failureOf(imageOf(bench), "a lost runtime");
      assertTyped(error, "a lost runtime", upstreamCodes);
      assert.deepEqual(await bench.images(), new Map());
    },
  },
};
