import { describe, expect, test } from "@jest/globals";
import type { SourcePlugin } from "@molecule/core";
import { chapters } from "./chapters/chapters.js";
import { imageSourceSuite } from "./image-source-suite.js";
import { acceptsAnyOptions } from "./villains/accepts-any-options.js";
import { asksAtCreation } from "./villains/asks-at-creation.js";
import { believesNames } from "./villains/believes-names.js";
import { buildsTheNewest } from "./villains/builds-the-newest.js";
import { countsIntoTheKey } from "./villains/counts-into-the-key.js";
import { doesNotListen } from "./villains/does-not-listen.js";
import { hasAnImageForAll } from "./villains/has-an-image-for-all.js";
import { hasOneName } from "./villains/has-one-name.js";
import { keepsAllOutput } from "./villains/keeps-all-output.js";
import { leavesAFile } from "./villains/leaves-a-file.js";
import { leavesStepsOpen } from "./villains/leaves-steps-open.js";
import { logsItsToken } from "./villains/logs-its-token.js";
import { makesWhatItHas } from "./villains/makes-what-it-has.js";
import { neverForgives } from "./villains/never-forgives.js";
import { referencePlugin } from "./villains/reference-plugin.js";
import { referenceUpstream } from "./villains/reference-upstream.js";
import { remembersTheLast } from "./villains/remembers-the-last.js";
import { swallowsEverything } from "./villains/swallows-everything.js";
import { tagsWhatItFinds } from "./villains/tags-what-it-finds.js";
import { throwsAnything } from "./villains/throws-anything.js";
import { writesItsToken } from "./villains/writes-its-token.js";
import { writesWhenItResolves } from "./villains/writes-when-it-resolves.js";

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
  "The plugin": [asksAtCreation, acceptsAnyOptions],
  Resolving: [writesWhenItResolves, countsIntoTheKey],
  "Following upstream": [hasOneName],
  Finding: [believesNames, tagsWhatItFinds],
  Providing: [makesWhatItHas, buildsTheNewest],
  Aborting: [doesNotListen, leavesAFile],
  "Unknown runtimes": [hasAnImageForAll],
  Progress: [leavesStepsOpen],
  Failures: [throwsAnything],
  Secrets: [logsItsToken, writesItsToken],
  Memory: [swallowsEverything, keepsAllOutput],
  "Going away": [neverForgives],
  "Many callers": [remembersTheLast],
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
