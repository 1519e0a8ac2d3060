import type { ServerResponse } from "node:http";
import { describe, expect, test } from "@jest/globals";
import {
  ImageSourceError,
  parseCommitSha,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  type Clock,
  type ErrorCode,
  type Finding,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { startForge } from "@molecule/testkit";
import * as v from "valibot";
import { templateForge } from "../forge/template-forge.js";
import { templateOptions } from "../options/template-options.js";
import type { TemplateForge } from "../forge/template-forge.js";
import { diagnoseTemplateSource } from "./diagnose-template-source.js";

const allowed = ["hermes", "codex", "crewai"].map(parseRuntimeName);
const unused = (): never => {
  throw new Error("not used");
};

async function diagnosed(
  failures: Readonly<Record<string, ErrorCode>>,
  { isExposed = false, named = [] as readonly string[], pinned = [] as readonly string[] } = {},
): Promise<Finding | undefined> {
  const configured = templateForge(v.parse(templateOptions, {}), {
    env: {},
    fetch: unused,
    store: createStore({ directory: "/nonexistent", env: {} }),
  });
  const forge: TemplateForge = {
    ...configured,
    head: async ({ runtime }) => {
      const code = failures[runtime];
      if (code !== undefined)
        throw new ImageSourceError({ code, message: `${runtime}: ${code}`, hint: `Correct ${runtime}.` });
      return {
        commit: parseCommitSha("a".repeat(40)),
        remote: {
          url: "http://h/x",
          branch: "main",
          authorization: undefined,
          tokenVariable: "T",
          isPinned: pinned.includes(runtime),
        },
      };
    },
    isApart: () => false,
    isExposed: () => isExposed,
    workingCopy: () => undefined,
    probe: async () => ({ summary: "http://h works", timeMs: undefined }),
  };
  const signal = new AbortController().signal;
  const findings = await diagnoseTemplateSource(
    forge,
    { env: {}, run: unused, fetch: unused, clock: systemClock },
    { signal, log: silentLog, progress: silentProgress, fresh: false },
    { named: named.map(parseRuntimeName), allowed },
  );
  return findings.find(({ id }) => id === "forge");
}

test("lists the templates that exist, in the order of the runtimes", async () => {
  expect(await diagnosed({ codex: "SOURCE_NOT_FOUND" })).toMatchObject({
    ok: true,
    message: "http://h works; it has the templates of hermes, crewai, but not of codex",
    hint: "",
  });
});

test("lists runtimes with a configured commit apart, because their templates are not looked up", async () => {
  const missing = { hermes: "SOURCE_NOT_FOUND", codex: "SOURCE_NOT_FOUND" } as const;
  expect(await diagnosed({ codex: missing.codex }, { pinned: ["crewai"] })).toMatchObject({
    ok: true,
    message:
      "http://h works; it has the templates of hermes, but not of codex; commits are configured for crewai",
  });
  expect(await diagnosed(missing, { pinned: ["crewai"] })).toMatchObject({
    ok: true,
    message: "http://h works; it has no templates of hermes, codex; commits are configured for crewai",
  });
});

test("is not ok if no template can be looked up, although the forge works", async () => {
  const all = { hermes: "SOURCE_NOT_FOUND", codex: "SOURCE_NOT_FOUND", crewai: "SOURCE_NOT_FOUND" } as const;
  expect(await diagnosed(all)).toMatchObject({ ok: false, message: "hermes: SOURCE_NOT_FOUND" });
  expect(await diagnosed({ ...all, crewai: "SOURCE_DENIED" })).toMatchObject({
    ok: false,
    message: "crewai: SOURCE_DENIED",
  });
});

test("warns about a template that exists and cannot be looked up", async () => {
  expect(await diagnosed({ codex: "SOURCE_MALFORMED" })).toMatchObject({
    level: "warn",
    message:
      "http://h works; it has the templates of hermes, crewai, and cannot look up codex: codex: SOURCE_MALFORMED",
    hint: "Correct codex.",
  });
});

test("warns about a forge on another machine without TLS, and lists nothing if runtimes are named", async () => {
  expect(
    await diagnosed({ hermes: "SOURCE_NOT_FOUND" }, { isExposed: true, named: ["hermes"] }),
  ).toMatchObject({
    level: "warn",
    message: "http://h works; the connection is not encrypted",
  });
});

describe("a slow forge", () => {
  /** A clock that stands still until a test moves it. */
  function stillClock(): Clock & { move(milliseconds: number): void } {
    const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
    let now = 0;
    return {
      monotonicMs: () => now,
      wallMs: () => Date.now(),
      after(milliseconds, callback) {
        const timer = { at: now + milliseconds, callback };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      move(milliseconds) {
        now += milliseconds;
        for (const timer of timers) if (timer.at <= now && timers.delete(timer)) timer.callback();
      },
    };
  }

  /** Diagnoses a forge. `delayOf` returns how long it takes for a request; undefined: it never responds. */
  async function diagnosedWith(delayOf: (path: string) => number | undefined): Promise<Finding | undefined> {
    const forge = await startForge();
    const clock = stillClock();
    try {
      for (const runtime of allowed) await forge.addTemplate(runtime, { Dockerfile: "FROM scratch\n" });
      const unanswered: ServerResponse[] = [];
      forge.fault("api", ({ url = "" }, response) => {
        const delayMs = delayOf(url);
        if (delayMs === undefined) {
          unanswered.push(response);
          if (unanswered.length === allowed.length) clock.move(9_500);
          return true;
        }
        clock.move(delayMs);
        return false;
      });
      const services = { env: {}, run: unused, fetch: globalThis.fetch, clock };
      const findings = await diagnoseTemplateSource(
        templateForge(
          { ...v.parse(templateOptions, {}), repoPrefix: forge.repoPrefix() },
          { ...services, store: createStore({ directory: "/nonexistent", env: {} }) },
        ),
        services,
        { signal: new AbortController().signal, log: silentLog, progress: silentProgress, fresh: false },
        { named: [], allowed },
      );
      return findings.find(({ id }) => id === "forge");
    } finally {
      await forge.stop();
    }
  }

  test("has as long for its templates as for its version", async () => {
    const finding = await diagnosedWith((path) => (path.endsWith("/version") ? 8_000 : 900));
    expect(finding).toMatchObject({
      ok: true,
      message: expect.stringMatching(/; it has the templates of hermes, codex, crewai$/),
    });
  });

  test("that never responds to lookups is reported as such", async () => {
    const finding = await diagnosedWith((path) => (path.includes("/branches") ? undefined : 0));
    expect(finding).toMatchObject({
      ok: false,
      message: "the lookup got no response within 9 s",
      hint: "Check the load of the forge, then retry.",
    });
  });
});
