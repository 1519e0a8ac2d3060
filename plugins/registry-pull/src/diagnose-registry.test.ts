import { expect, test } from "@jest/globals";
import {
  ImageSourceError,
  noCredentials,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  type ErrorCode,
  type Finding,
} from "@molecule/core";
import { createMemoryEngine } from "@molecule/testkit";
import { diagnoseRegistry } from "./diagnose-registry.js";
import { policyFor, type WrittenPolicies } from "./pull-policy.js";

const allowed = ["hermes", "codex", "crewai"].map(parseRuntimeName);
const digest = `sha256:${"a".repeat(64)}`;

interface Setup {
  readonly named?: readonly string[];
  /** Runtimes that are fixed to a digest. */
  readonly pinned?: readonly string[];
  readonly pullPolicy?: WrittenPolicies;
  readonly isInsecure?: boolean;
  /** The registry's result for a runtime. Default: the digest. */
  readonly answer?: (runtime: string) => ErrorCode | "podman" | undefined;
}

async function diagnosed({
  named = [],
  pinned = [],
  pullPolicy = "missing",
  answer,
  isInsecure = false,
}: Setup) {
  const asked: string[] = [];
  const engine = {
    ...createMemoryEngine(),
    askRegistry: async (reference: string) => {
      asked.push(reference);
      const [, runtime = ""] = /template-(\w+)/.exec(reference) ?? [];
      const result = answer?.(runtime);
      if (result === "podman") return undefined;
      if (result !== undefined)
        throw new ImageSourceError({ code: result, message: `${reference}: ${result}`, hint: "Retry." });
      return { digest, isInsecure };
    },
  };
  const findings = await diagnoseRegistry(
    {
      registry: { mode: "registry", prefix: "r.example/acme" },
      engine,
      credentials: noCredentials,
      clock: systemClock,
    },
    (runtime) => ({
      runtime,
      reference: `r.example/acme/workspace-template-${runtime}${pinned.includes(runtime) ? `@${digest}` : ":latest"}`,
      policy: policyFor(pullPolicy, runtime),
    }),
    { signal: new AbortController().signal, log: silentLog, progress: silentProgress, fresh: false },
    { named: named.map(parseRuntimeName), allowed },
  );
  const of = (id: string): Finding | undefined => findings.find((finding) => finding.id === id);
  return { of, ids: findings.map(({ id }) => id), asked };
}

const only =
  (...present: readonly string[]) =>
  (runtime: string): ErrorCode | undefined =>
    present.includes(runtime) ? undefined : "SOURCE_NOT_FOUND";

test("without names, asks for every image once, and lists those that exist", async () => {
  const { of, ids, asked } = await diagnosed({ answer: only("codex") });
  expect(ids).toEqual(["registry", "credentials"]);
  expect(of("registry")).toMatchObject({
    ok: true,
    message: "r.example responds; it has the images of codex, but not of hermes, crewai",
  });
  expect(asked).toHaveLength(3);
});

test("a registry that has the image of no runtime is not ok", async () => {
  const { of } = await diagnosed({ answer: only() });
  expect(of("registry")).toMatchObject({
    ok: false,
    message:
      "r.example responds, but has no image for any runtime, such as r.example/acme/workspace-template-hermes:latest",
    hint: expect.stringContaining("MOLECULE_IMAGE_REGISTRY"),
  });
});

test("a registry that denies access is not ok, nor is having no credentials for it", async () => {
  const { of } = await diagnosed({
    answer: (runtime) => (runtime === "hermes" ? "SOURCE_NOT_FOUND" : "SOURCE_DENIED"),
  });
  expect(of("registry")).toMatchObject({ ok: false, message: expect.stringContaining("SOURCE_DENIED") });
  expect(of("credentials")).toMatchObject({
    level: "warn",
    hint: expect.stringContaining("docker login r.example"),
  });
});

test("a named runtime is a finding of its own; the registry is ok if it responds", async () => {
  const { of, ids, asked } = await diagnosed({ named: ["hermes"], answer: only() });
  expect(ids).toEqual(["registry", "credentials", "image.hermes"]);
  expect(of("registry")).toMatchObject({ ok: true, message: "r.example responds" });
  expect(of("image.hermes")).toMatchObject({
    ok: false,
    message: expect.stringContaining("SOURCE_NOT_FOUND"),
  });
  expect(asked).toHaveLength(1);
  const down = await diagnosed({ named: ["hermes"], answer: () => "SOURCE_UNREACHABLE" });
  expect([down.of("registry")?.ok, down.of("image.hermes")?.ok]).toEqual([false, false]);
});

test("a pinned image that does not exist is not ok, whichever runtimes are named", async () => {
  for (const named of [[], ["hermes"]]) {
    const { of } = await diagnosed({ named, pinned: ["crewai"], answer: only("hermes") });
    expect(of("registry")?.ok).toBe(true);
    expect(of("image.crewai")).toMatchObject({ ok: false, message: expect.stringContaining("@sha256:") });
  }
});

test("an image that is never pulled is looked up in the engine", async () => {
  const { of, asked } = await diagnosed({ named: ["hermes"], pullPolicy: "never" });
  expect(asked).toEqual([]);
  expect(of("registry")).toBeUndefined();
  expect(of("image.hermes")).toMatchObject({
    ok: false,
    message: expect.stringContaining("pullPolicy is never"),
  });
});

test("no finding about images if the engine cannot look them up, or does not run", async () => {
  for (const answer of ["podman", "ENGINE_UNAVAILABLE"] as const)
    expect((await diagnosed({ named: ["hermes"], answer: () => answer })).ids).toEqual(["credentials"]);
});

test("a registry without verified TLS is a warning", async () => {
  for (const named of [[], ["hermes"]]) {
    const { of } = await diagnosed({ named, isInsecure: true });
    expect(of("registry")).toMatchObject({
      ok: true,
      level: "warn",
      message: expect.stringContaining("does not verify its identity"),
    });
  }
});
