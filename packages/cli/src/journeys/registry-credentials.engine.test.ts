import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { silentReport } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import {
  describeWithEngine,
  startRegistry,
  startTokenServer,
  tracesOf,
  writeCredentialHelper,
  type CredentialHelper,
  type Registry,
  type TokenServer,
} from "@molecule/test-fixtures";
import { imageArchive } from "@molecule/testkit";
import { openWorld, type Failure, type Outcome, type World } from "./command-world.test.support.js";

const password = "reg+istry/pass=word&1";

describeWithEngine({ describe, test }, "a registry that requires a login", ({ address }) => {
  let world: World;
  let tokens: TokenServer;
  let registry: Registry;
  let bin: string;
  let helper: CredentialHelper;
  const archive = imageArchive({ files: { "etc/who": "somebody's" } });
  const repository = (): string => `${registry.host}/acme/workspace-template-hermes`;
  let digest: string | undefined;

  beforeAll(async () => {
    world = await openWorld(address);
    bin = join(world.home, "bin");
    await mkdir(bin);
    helper = await writeCredentialHelper(bin, "vault");
    tokens = await startTokenServer();
    tokens.setPassword("reader", password);
    registry = await startRegistry({ tokens });
    const credential = { from: "the test", username: "reader", password };
    const engine = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
      { credentials: { find: async () => credential } },
    );
    const reference = `${repository()}:latest`;
    const request = { archive: Readable.from([archive.bytes]), report: silentReport };
    await engine.loadImage(request);
    await engine.tagImage(archive.imageId, reference);
    ({ digest } = await engine.pushImage({ reference, report: silentReport }));
    await engine.removeImage(reference);
    await engine.close();
  });
  afterEach(async () => {
    await docker({});
    await helper.set(registry.host, undefined);
  });
  afterAll(async () => {
    const engine = createDockerEngine(() =>
      findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
    );
    await engine.removeImage(archive.imageId);
    await engine.close();
    await registry.stop();
    await tokens.stop();
    await world.close();
  });

  /** Writes the file that `docker login` would write. */
  async function docker(content: unknown): Promise<string> {
    await mkdir(join(world.home, ".docker"), { recursive: true });
    const path = join(world.home, ".docker", "config.json");
    await writeFile(path, JSON.stringify(content));
    return path;
  }
  const env = (more: Readonly<Record<string, string | undefined>> = {}) => ({
    MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme`,
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    ...more,
  });
  /** Runs `refresh`, which asks the registry even if the image exists locally. */
  async function refresh(
    secrets: readonly string[],
    more: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Outcome> {
    const outcome = await world.run(["refresh", "hermes", "--json", "--log-level", "debug"], env(more));
    expect(tracesOf(secrets, outcome.stdout)).toEqual([]);
    expect(tracesOf(secrets, outcome.stderr)).toEqual([]);
    for (const file of await readdir(world.cache, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      expect(tracesOf(secrets, await readFile(join(file.parentPath, file.name)))).toEqual([]);
    }
    return outcome;
  }
  const failureOf = ({ stdout }: Outcome): Failure | undefined =>
    (JSON.parse(stdout) as { results: { error?: Failure }[] }).results[0]?.error;

  const auth = Buffer.from(`reader:${password}`).toString("base64");
  test.each<[string, () => Promise<string>, () => Readonly<Record<string, string>>]>([
    [
      "a helper of its own",
      async () => {
        await helper.set(registry.host, { username: "reader", secret: password });
        return `credHelpers["${registry.host}"] of ${await docker({ credHelpers: { [registry.host]: "vault" } })}`;
      },
      () => ({}),
    ],
    [
      "the helper for all",
      async () => {
        await helper.set(registry.host, { username: "reader", secret: password });
        return `credsStore of ${await docker({ credsStore: "vault" })}`;
      },
      () => ({}),
    ],
    [
      "the file",
      async () => `auths["${registry.host}"] of ${await docker({ auths: { [registry.host]: { auth } } })}`,
      () => ({}),
    ],
    [
      "a variable",
      async () => `auths["${registry.host}"] of DOCKER_AUTH_CONFIG`,
      () => ({ DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [registry.host]: { auth } } }) }),
    ],
  ])(
    "is provided by %s, which the log names, and no output shows the secret",
    async (_what, write, variables) => {
      const from = await write();
      const { status, stdout, stderr } = await refresh([password, auth], variables());
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({
        results: [{ ok: true, image: { imageId: archive.imageId, digest } }],
      });
      expect(stderr.replaceAll('\\"', '"')).toContain(from);
    },
  );

  test("without credentials the pull is denied, and the hint explains how to log in", async () => {
    const outcome = await refresh([]);
    expect(outcome.status).toBe(3);
    expect(failureOf(outcome)).toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining("no credentials were sent"),
      hint: expect.stringContaining(`docker login ${registry.host}`),
    });
  });

  test("with wrong credentials the pull is denied, and the error names where they come from", async () => {
    const path = await docker({
      auths: { [registry.host]: { username: "reader", password: "wrong-password" } },
    });
    const outcome = await refresh(["wrong-password"]);
    expect(outcome.status).toBe(3);
    expect(failureOf(outcome)).toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(`auths["${registry.host}"] of ${path}`),
    });
  });

  /** Installs a helper with this script. */
  async function script(lines: readonly string[], place = bin): Promise<void> {
    const file = join(place, "docker-credential-odd");
    await writeFile(file, `#!/bin/sh\n${lines.join("\n")}\n`);
    await chmod(file, 0o755);
  }

  test.each<[string, readonly string[]]>([
    ["answers no JSON", ["echo its-odd-secret"]],
    ["says it on the other stream and fails", ["echo its-odd-secret >&2; exit 1"]],
    ["answers and fails", [`echo '{"Username":"u","Secret":"its-odd-secret"}'; exit 1`]],
    ["never stops answering", ["while :; do echo its-odd-secret; done"]],
  ])("a helper that %s is reported by its entry, without quoting its output", async (_what, lines) => {
    await docker({ credHelpers: { [registry.host]: "odd" } });
    await script(lines);
    const outcome = await refresh(["its-odd-secret"]);
    expect(outcome.status).toBe(3);
    expect(failureOf(outcome)).toMatchObject({
      code: "SOURCE_DENIED",
      hint: expect.stringContaining(`credHelpers["${registry.host}"]`),
    });
    expect(outcome.durationMs).toBeLessThan(20_000);
  });

  test("does not run a helper that is missing, or only in the working directory", async () => {
    await docker({ credsStore: "near" });
    const canary = join(world.cwd, "canary");
    const file = join(world.cwd, "docker-credential-near");
    await writeFile(file, `#!/bin/sh\ntouch '${canary}'\necho '{"Username":"u","Secret":"s"}'\n`);
    await chmod(file, 0o755);
    for (const PATH of ["", ".", world.cwd]) {
      const outcome = await refresh([], { PATH: `${PATH}:${process.env["PATH"] ?? ""}` });
      expect(outcome.status).toBe(2);
      expect(failureOf(outcome)).toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("docker-credential-near"),
      });
    }
    expect(existsSync(canary)).toBe(false);
  });

  test("a helper's name cannot lead to another directory", async () => {
    const canary = join(world.home, "canary");
    await mkdir(join(world.home, "evil"));
    await script([`touch '${canary}'`], join(world.home, "evil"));
    await docker({ credsStore: `/../../../../../..${world.home}/evil/docker-credential-odd` });
    const outcome = await refresh([]);
    expect(outcome.status).toBe(2);
    expect(failureOf(outcome)?.code).toBe("CONFIG_INVALID");
    expect(existsSync(canary)).toBe(false);
  });

  test("pulls a pin by its digest, and asks the registry once under an interval policy", async () => {
    await docker({ auths: { [registry.host]: { auth } } });
    const config = await world.write(
      "pins.json",
      JSON.stringify({
        options: {
          "registry-pull": { pins: { hermes: digest }, pullPolicy: { hermes: "every_6h", default: "never" } },
        },
      }),
    );
    for (const cached of [false, true]) {
      const { status, answer } = await world.json(["ensure", "hermes", "codex", "--config", config], env());
      expect(status).toBe(3);
      expect(answer.results).toMatchObject([
        { ok: true, image: { reference: `${repository()}@${String(digest)}`, digest, cached } },
        {
          ok: false,
          error: { code: "SOURCE_NOT_FOUND", message: expect.stringContaining("pullPolicy is never") },
        },
      ]);
    }
    const { answer } = await world.json(["list"], env());
    expect(answer.images).toContainEqual(
      expect.objectContaining({ runtime: "hermes", imageId: archive.imageId }),
    );
  });
});
