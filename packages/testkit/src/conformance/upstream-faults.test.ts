import { describe, expect, jest, test } from "@jest/globals";
import { imageSourceSuite } from "./image-source-suite.js";
import { buffersResponses } from "./villains/buffers-responses.js";
import { ignoresAbort } from "./villains/ignores-abort.js";
import { fallsBackToDefault } from "./villains/falls-back-to-default.js";
import { inProcessUpstream, withoutHttp } from "./villains/in-process-upstream.js";
import { referencePlugin } from "./villains/reference-plugin.js";
import { referenceUpstream } from "./villains/reference-upstream.js";
import { throwsUntypedErrors } from "./villains/throws-untyped-errors.js";
import type { SuiteOptions, SuiteUpstream } from "./world/suite-options.js";
import type { EndFault, UpstreamFault } from "./world/upstream-faults.js";

const every: readonly UpstreamFault[] = ["fail", "refuse", "lose", "lie", "hang", "flood"];

interface Result {
  readonly failed: Record<string, string>;
  readonly skipped: Record<string, string>;
}

/** Runs the suite with a context that can skip, as node:test and vitest pass it. */
async function runSuite(parts: Pick<SuiteOptions, "source" | "upstream">, chapters = /./): Promise<Result> {
  const laws: [name: string, body: (...context: readonly unknown[]) => Promise<void>][] = [];
  imageSourceSuite({ ...parts, test: (...law) => laws.push(law) });
  const result: Result = { failed: {}, skipped: {} };
  for (const [name, body] of laws.filter(([law]) => chapters.test(law))) {
    const skip = (reason: string): void => void (result.skipped[name] = reason);
    await body({ skip }).catch((error: unknown) => (result.failed[name] = String(error)));
  }
  return result;
}

describe("the suite, with an upstream that is not an HTTP server and offers every fault", () => {
  imageSourceSuite({ test, source: withoutHttp(referencePlugin), upstream: () => inProcessUpstream(every) });
});

test("without faults, skips exactly the laws that need one, and names what is missing", async () => {
  const { failed, skipped } = await runSuite({
    source: withoutHttp(referencePlugin),
    upstream: () => inProcessUpstream([]),
  });

  expect(failed).toEqual({});
  expect(skipped).toEqual({
    "Aborting: ends promptly while upstream does not respond": missing("hang"),
    "Unknown runtimes: a runtime that upstream has lost (404) gets no image": missing("lose"),
    "Progress: every step has ended when upstream fails": missing("fail"),
    "Failures: a typed error if upstream rejects the credentials (401)": missing("refuse"),
    "Failures: a typed error if upstream denies access (403)": missing("refuse"),
    "Failures: a typed error if upstream fails (500)": missing("fail"),
    "Failures: a typed error if upstream sends garbage": missing("lie"),
    "Failures: a typed error if upstream is down": missing("fail"),
    "Secrets: a refusal that echoes the request reveals none": missing("refuse"),
    "Memory: is bounded if upstream sends an endless response": missing("flood"),
    "Going away: recovers if upstream disconnects in the middle of any response": missing("fail"),
  });
}, 120_000);

const missing = (fault: UpstreamFault): string =>
  `the upstream has no \`faults.${fault}\`, and is not behind \`world.door\``;

test("without a skipping context, a skipped law is a warning of the process", async () => {
  const laws = new Map<string, () => Promise<void>>();
  imageSourceSuite({
    test: (name, body) => laws.set(name, body),
    source: withoutHttp(referencePlugin),
    upstream: () => inProcessUpstream([]),
  });
  const warning = jest.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  try {
    await laws.get("Failures: a typed error if upstream sends garbage")?.();
    expect(warning.mock.calls).toEqual([
      [`skipped: Failures: a typed error if upstream sends garbage: ${missing("lie")}`, "ConformanceWarning"],
    ]);
  } finally {
    warning.mockRestore();
  }
});

test.each([
  ["Aborting", ignoresAbort],
  ["Unknown runtimes", fallsBackToDefault],
  ["Failures", throwsUntypedErrors],
  ["Memory", buffersResponses],
] as const)(
  "the villain of %s fails in that chapter and in no other",
  async (chapter, villain) => {
    const upstream = (): Promise<SuiteUpstream> => inProcessUpstream(every);
    const { failed } = await runSuite({ source: withoutHttp(villain), upstream });

    expect([...new Set(Object.keys(failed).map((law) => law.split(": ")[0]))]).toEqual([chapter]);
  },
  120_000,
);

const brokenPipe = (): Promise<never> => Promise.reject(new Error("write EPIPE"));
const honest = (): Promise<SuiteUpstream> => inProcessUpstream(every);
const law = /^Failures: a typed error if upstream sends garbage$/;

test.each<[hook: string, upstream: () => Promise<SuiteUpstream>]>([
  ["upstream", brokenPipe],
  ["publish", async () => ({ ...(await honest()), publish: brokenPipe })],
  ["faults.lie", async () => ({ ...(await honest()), faults: { lie: brokenPipe } })],
  ["stop", async () => ({ ...(await honest()), stop: brokenPipe })],
])("an error in the hook `%s` is reported as the hook's", async (hook, upstream) => {
  const { failed } = await runSuite({ source: withoutHttp(referencePlugin), upstream }, law);

  expect(Object.values(failed)).toEqual([`Error: the upstream hook \`${hook}\` failed: write EPIPE`]);
});

test("an error in `impostor` is reported as the hook's", async () => {
  const { failed } = await runSuite(
    {
      source: withoutHttp(referencePlugin),
      upstream: async () => ({ ...(await honest()), impostor: brokenPipe }),
    },
    /^Finding: rejects another image/,
  );

  expect(Object.values(failed)).toEqual(["Error: the upstream hook `impostor` failed: write EPIPE"]);
});

test("a failing `stop` does not hide the error that ended the law", async () => {
  const { failed } = await runSuite(
    {
      source: withoutHttp(throwsUntypedErrors),
      upstream: async () => ({ ...(await honest()), stop: brokenPipe }),
    },
    /^Failures: .*401/,
  );

  expect(Object.values(failed)).toEqual([expect.stringContaining("not an ImageSourceError")]);
});

test("a source that bypasses its door is not blamed for accepting a fault", async () => {
  const { failed } = await runSuite(
    {
      source: withoutHttp(referencePlugin),
      upstream: async (world) => {
        await world.door("http://127.0.0.1:9");
        return { ...(await honest()), faults: {} };
      },
    },
    law,
  );

  expect(Object.values(failed)).toEqual([
    expect.stringContaining("the source does not use the address that `world.door` returned"),
  ]);
});

test.each([
  ["lie", law],
  ["fail", /^Going away: recovers if upstream/],
] as const)("the fault `%s` ends once, before the upstream stops", async (fault, chosen) => {
  const events: string[] = [];
  const { failed } = await runSuite(
    {
      source: withoutHttp(referencePlugin),
      upstream: async () => {
        const upstream = await honest();
        const start = async (): Promise<EndFault> => {
          events.push("start");
          const end = await upstream.faults?.[fault]?.();
          return async () => {
            events.push("end");
            await end?.();
          };
        };
        return {
          ...upstream,
          faults: { [fault]: start },
          async stop() {
            events.push("stop");
            await upstream.stop?.();
          },
        };
      },
    },
    chosen,
  );

  expect(failed).toEqual({});
  expect(events).toEqual(["start", "end", "stop"]);
});

test("an upstream may have both a door and a fault of its own", async () => {
  const { failed } = await runSuite(
    {
      source: referencePlugin,
      upstream: async (world) => ({
        ...(await referenceUpstream(world)),
        // It breaks nothing, so all requests of each round reach the door.
        faults: { fail: async () => async () => undefined },
      }),
    },
    /^Going away: recovers if upstream/,
  );

  expect(failed).toEqual({});
});
