import { describe, expect, test } from "@jest/globals";
import type { SourcePlugin } from "@molecule/core";
import { chapters } from "./chapters/chapters.js";
import { imageSourceSuite } from "./image-source-suite.js";
import { acceptsAnyOptions } from "./villains/accepts-any-options.js";
import { callsEngineAtCreation } from "./villains/calls-engine-at-creation.js";
import { startsTimerAtCreation } from "./villains/starts-timer-at-creation.js";
import { trustsNames } from "./villains/trusts-names.js";
import { buildsNewest } from "./villains/builds-newest.js";
import { changesBuildKey } from "./villains/changes-build-key.js";
import { ignoresCallOptions } from "./villains/ignores-call-options.js";
import { ignoresAbort } from "./villains/ignores-abort.js";
import { fallsBackToDefault } from "./villains/falls-back-to-default.js";
import { usesOneReference } from "./villains/uses-one-reference.js";
import { keepsAllOutput } from "./villains/keeps-all-output.js";
import { leavesFile } from "./villains/leaves-file.js";
import { leavesStepsOpen } from "./villains/leaves-steps-open.js";
import { logsItsToken } from "./villains/logs-its-token.js";
import { makesOnHit } from "./villains/makes-on-hit.js";
import { neverReconnects } from "./villains/never-reconnects.js";
import { referencePlugin } from "./villains/reference-plugin.js";
import { referenceUpstream } from "./villains/reference-upstream.js";
import { providesLastResolved } from "./villains/provides-last-resolved.js";
import { buffersResponses } from "./villains/buffers-responses.js";
import { tagsWhileFinding } from "./villains/tags-while-finding.js";
import { throwsUntypedErrors } from "./villains/throws-untyped-errors.js";
import { writesItsToken } from "./villains/writes-its-token.js";
import { writesWhileResolving } from "./villains/writes-while-resolving.js";

describe("the suite, with a source that follows every law", () => {
  imageSourceSuite({ test, source: referencePlugin, upstream: referenceUpstream });
});

/** Runs the suite and returns the failures by chapter. */
async function failedChapters(source: SourcePlugin): Promise<Record<string, string[]>> {
  const laws: [name: string, body: () => Promise<void>][] = [];
  imageSourceSuite({ test: (...law) => laws.push(law), source, upstream: referenceUpstream });
  const failed: Record<string, string[]> = {};
  for (const [name, body] of laws) {
    const [chapter = "", law = ""] = name.split(": ");
    await body().catch((error: unknown) => {
      (failed[chapter] ??= []).push(`${law}: ${String(error)}`);
    });
  }
  return failed;
}

const villains: Readonly<Record<string, SourcePlugin[]>> = {
  "The plugin": [callsEngineAtCreation, startsTimerAtCreation, acceptsAnyOptions],
  Resolving: [writesWhileResolving, changesBuildKey, ignoresCallOptions],
  "Following upstream": [usesOneReference],
  Finding: [trustsNames, tagsWhileFinding],
  Providing: [makesOnHit, buildsNewest],
  Aborting: [ignoresAbort, leavesFile],
  "Unknown runtimes": [fallsBackToDefault],
  Progress: [leavesStepsOpen],
  Failures: [throwsUntypedErrors],
  Secrets: [logsItsToken, writesItsToken],
  Memory: [buffersResponses, keepsAllOutput],
  "Going away": [neverReconnects],
  "Many callers": [providesLastResolved],
};

test("every chapter has a villain", () => {
  expect(Object.keys(villains)).toEqual(chapters.map(({ name }) => name));
});

const cases = Object.entries(villains).flatMap(([chapter, sources]) =>
  sources.map((source, index) => ({ chapter, nth: index + 1, source })),
);

test.each(cases)(
  "villain $nth of $chapter fails in that chapter and in no other",
  async ({ chapter, source }) => {
    expect(Object.keys(await failedChapters(source))).toEqual([chapter]);
  },
  120_000,
);
