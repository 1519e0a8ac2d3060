import { expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  parseRuntimeName,
  pluginApiVersions,
  silentLog,
  silentReport,
  systemClock,
  type Call,
  type SourceServices,
} from "@molecule/core";
import { createDockerEngine } from "@molecule/engine";
import { createTestStore, startForge } from "@molecule/testkit";
import plugin from "./index.js";

function unexpected(what: string): never {
  throw new Error(`${what} was used`);
}

const call: Call = {
  signal: new AbortController().signal,
  progress: { step: (_step, _what, work) => work(silentReport) },
  log: silentLog,
  fresh: false,
};

function services(env: SourceServices["env"]): SourceServices {
  return {
    env,
    registry: { mode: "local", prefix: "molecule-local" },
    platform: defaultPlatform,
    store: createTestStore("/nonexistent/cache"),
    engine: createDockerEngine(async () => unexpected("the engine")),
    connectEngine: () => unexpected("another engine"),
    credentials: { find: () => unexpected("credentials") },
    registryClient: {
      resolveDigest: () => unexpected("a registry"),
      readImage: () => unexpected("a registry"),
      tagImage: () => unexpected("a registry"),
    },
    fetch: globalThis.fetch,
    run: () => Promise.reject(new Error("a program was run")),
    clock: {
      monotonicMs: () => unexpected("the clock"),
      wallMs: () => unexpected("the clock"),
      after: () => unexpected("the clock"),
    },
    log: silentLog,
    mask: createMask(),
  };
}

async function checked(options: unknown): Promise<Parameters<typeof plugin.create>[0]> {
  const result = await plugin.options?.["~standard"].validate(options);
  if (result === undefined || result.issues !== undefined) throw new Error("the options were rejected");
  return result.value;
}

test("is a plugin for local mode only", () => {
  expect(plugin).toMatchObject({
    name: "gitea-local-build",
    apiVersion: pluginApiVersions.newest,
    modes: ["local"],
  });
});

test("creating the source has no side effects, even with an invalid configuration", async () => {
  const everything: SourceServices = {
    ...services({ MOLECULE_GITEA_TOKEN: "short" }),
    fetch: () => Promise.reject(new Error("a request was sent")),
  };
  const source = plugin.create(await checked({ repoPrefix: "file:///etc" }), everything);
  expect(source.name).toBe("gitea-local-build");
});

test("looks up a commit without a working engine, the disk or git", async () => {
  const forge = await startForge();
  try {
    const commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
    const source = plugin.create(await checked({ repoPrefix: forge.repoPrefix() }), {
      ...services({}),
      clock: systemClock,
    });
    const resolution = await source.resolve(parseRuntimeName("hermes"), call);
    expect(resolution).toMatchObject({
      runtime: "hermes",
      revision: commit,
      platform: "linux/amd64",
      reference: `molecule-local/workspace-template-hermes:${commit.slice(0, 12)}`,
      buildKey: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(forge.requests).toHaveLength(1);
  } finally {
    await forge.stop();
  }
});

test.each([
  ["a prefix that runs a program", { repoPrefix: 'ext::sh -c "touch /tmp/p"' }, {}],
  ["a prefix on this disk", { repoPrefix: "file:///etc/org/x" }, {}],
  ["an invalid token", {}, { MOLECULE_GITEA_TOKEN: "short" }],
  [
    "a token over plain http",
    { repoPrefix: "http://gitea.example/acme/t-" },
    { MOLECULE_GITEA_TOKEN: "long-enough" },
  ],
  ["an invalid isolation", {}, { MOLECULE_LOCAL_IMAGE_ISOLATION: "A B" }],
])("rejects %s before anything is contacted", async (_what, options, env) => {
  const source = plugin.create(await checked(options), {
    ...services(env),
    fetch: () => Promise.reject(new Error("a request was sent")),
  });
  await expect(source.resolve(parseRuntimeName("hermes"), call)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
});

test("rejects an unusable prefix when a file is checked for trust", async () => {
  const options = await checked({ repoPrefix: "file:///etc/org/x" });
  expect(() => plugin.assertUsable?.(options)).toThrow("file:///etc/org/x");
});
