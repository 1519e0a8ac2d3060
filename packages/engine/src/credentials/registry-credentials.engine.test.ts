import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  parsePlatform,
  type Clock,
  type ContainerEngine,
  type RegistryCredentials,
} from "@molecule/core";
import {
  describeWithEngine,
  describeWithPodman,
  startPrivatePodman,
  startRegistry,
  startTokenServer,
  temporaryDirectory,
  writeCredentialHelper,
  type CredentialHelper,
  type PrivatePodman,
  type Registry,
  type TemporaryDirectory,
  type TokenServer,
} from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import { createRegistryCredentials } from "./create-registry-credentials.js";
import { basic, writeDockerConfig } from "./docker-files.test.support.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";
import { runFrom } from "../builds/run-programs.test.support.js";

const password = "its-pass/word+1";
const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: () => () => undefined,
};

/** Starts a registry that refuses everybody and records the credentials it receives. */
async function startListener(): Promise<{ host: string; sent: string[]; server: Server }> {
  const sent: string[] = [];
  const server = createServer(({ headers }, response) => {
    if (headers.authorization !== undefined) sent.push(headers.authorization);
    response.writeHead(401, {
      "www-authenticate": 'Basic realm="x"',
      "docker-distribution-api-version": "registry/2.0",
    });
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, sent, server };
}

/** The tests that every engine must pass. */
function promises(
  address: () => string,
  kind: "docker" | "podman",
  registries: () => Promise<Registries>,
): void {
  let directory: TemporaryDirectory;
  let credentials: RegistryCredentials;
  let engine: ContainerEngine;
  let helper: CredentialHelper;
  let at: Registries;
  let imageId: string;
  const ownName = `molecule-engine-test/credentials:${kind}`;
  const sent: { registry: string; fresh: boolean }[] = [];

  beforeAll(async () => {
    directory = await temporaryDirectory();
    helper = await writeCredentialHelper(directory.path, "vault");
    at = await registries();
    const found = createRegistryCredentials({
      env: {},
      home: directory.path,
      run: runFrom(directory.path),
      clock,
      mask: createMask(),
      log: { debug: () => undefined },
    });
    credentials = {
      find: (registry, options) => {
        sent.push({ registry, fresh: options?.fresh === true });
        return found.find(registry, options);
      },
    };
    engine = createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: address() }, home: "/nonexistent" }),
      { credentials },
    );
    ({ imageId } = await engine.buildImage({
      context: buildContextOf({ Dockerfile: "FROM scratch\nCOPY a /a\n", a: kind }),
      platform: defaultPlatform,
      labels: {},
      target: undefined,
      buildArgs: {},
      noCache: false,
      pullBases: false,
      report: keepReport(),
    }));
    // The engine removes an image that loses its last name.
    await engine.tagImage(imageId, ownName);
  });
  afterEach(() => {
    sent.length = 0;
  });
  afterAll(async () => {
    await engine.removeImage(ownName);
    await engine.close();
    await at.stop();
    await directory.remove();
  });

  const named = (registry: string): string => `${registry}/org/private:one`;
  const push = async (registry: string): Promise<string | undefined> => {
    await engine.tagImage(imageId, named(registry));
    try {
      return (await engine.pushImage({ reference: named(registry), report: keepReport() })).digest;
    } finally {
      await engine.removeImage(named(registry));
    }
  };
  const pull = async (registry: string): Promise<void> => {
    await engine.pullImage({ reference: named(registry), platform: undefined, report: keepReport() });
    expect(await engine.inspectImage(named(registry))).toMatchObject({ id: imageId });
    await engine.removeImage(named(registry));
  };

  test("pushes to and pulls from a registry with passwords", async () => {
    const { host } = at.locked;
    await writeDockerConfig(directory.path, { auths: { [host]: { auth: basic("reader", password) } } });
    await push(host);
    await pull(host);
  });

  test("reports a refusal without credentials, and how to log in", async () => {
    const { host } = at.locked;
    await writeDockerConfig(directory.path, {});
    for (const ask of [push, pull]) {
      await expect(ask(host)).rejects.toMatchObject({
        code: "SOURCE_DENIED",
        message: expect.stringContaining("no credentials were sent") as unknown,
        hint: expect.stringContaining(`docker login ${host}`) as unknown,
      });
    }
  });

  test("names the entry of refused credentials, and sends them once", async () => {
    const { host } = at.locked;
    const path = await writeDockerConfig(directory.path, {
      auths: { [`https://${host}`]: { username: "reader", password: "another-password" } },
    });
    const failure = await pull(host).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(`auths["https://${host}"] of ${path}`),
    });
    expect(JSON.stringify(failure)).not.toContain("another-password");
    expect(sent).toEqual([
      { registry: host, fresh: false },
      { registry: host, fresh: true },
    ]);
  });

  test("does not send one registry's credentials to another", async () => {
    await writeDockerConfig(directory.path, {
      auths: { [at.locked.host]: { auth: basic("reader", password) } },
    });
    await expect(pull(at.listener.host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    await expect(push(at.listener.host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    // Podman sends an empty user and password if it has no credentials.
    expect(at.listener.sent.filter((header) => header !== `Basic ${basic("", "")}`)).toEqual([]);
    at.listener.sent.length = 0;
    await writeDockerConfig(directory.path, {
      auths: { [at.listener.host]: { auth: basic("reader", "for the listener") } },
    });
    await expect(pull(at.listener.host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    expect(new Set(at.listener.sent)).toEqual(new Set([`Basic ${basic("reader", "for the listener")}`]));
  });

  test("a helper's password works with a token registry, and a new one replaces a refused one", async () => {
    const { host } = at.withTokens;
    await writeDockerConfig(directory.path, { credHelpers: { [host]: "vault" } });
    at.tokens.setPassword("AWS", "the-first-password");
    await helper.set(host, { username: "AWS", secret: "the-first-password" });
    await push(host);
    await pull(host);
    expect(await helper.calls()).toEqual([`get ${host}`]);
    // AWS tokens expire after twelve hours.
    at.tokens.setPassword("AWS", "the-next-password");
    await helper.set(host, { username: "AWS", secret: "the-next-password" });
    await pull(host);
    expect(await helper.calls()).toEqual([`get ${host}`, `get ${host}`]);
    // A password that the registry refuses but the vault keeps returning is not retried forever.
    at.tokens.setPassword("AWS", "the-last-password");
    await expect(pull(host)).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      message: expect.stringContaining(`credHelpers["${host}"]`),
    });
    expect(await helper.calls()).toHaveLength(3);
  });

  test("accepts an identity token too", async () => {
    const { host } = at.withTokens;
    // Pushed with a password, because Podman ignores identity tokens when it pushes.
    at.tokens.setPassword("reader", password);
    await writeDockerConfig(directory.path, { auths: { [host]: { auth: basic("reader", password) } } });
    await push(host);
    at.tokens.setIdentityToken("an-identity-token");
    await writeDockerConfig(directory.path, { auths: { [host]: { identitytoken: "an-identity-token" } } });
    const before = at.tokens.requests.length;
    await pull(host);
    const methods = at.tokens.requests.slice(before).map(({ method }) => method);
    expect(methods).toContain("POST");
    await writeDockerConfig(directory.path, { auths: { [host]: { identitytoken: "another-token" } } });
    await expect(pull(host)).rejects.toMatchObject({ code: "SOURCE_DENIED" });
  });

  test("lists the platforms of an index without the requested one, if the engine can", async () => {
    const { host } = at.locked;
    await writeDockerConfig(directory.path, { auths: { [host]: { auth: basic("reader", password) } } });
    await push(host);
    await publishIndex(host);
    const pulling = engine.pullImage({
      reference: `${host}/org/private:index`,
      platform: parsePlatform("linux/riscv64"),
      report: keepReport(),
    });
    await expect(pulling).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message:
        kind === "docker"
          ? expect.stringMatching(/; it is published for linux\/amd64, linux\/arm64\/v8$/)
          : expect.stringMatching(
              /no image found in (?:manifest list|image index) for architecture "?riscv64/,
            ),
      hint: expect.stringContaining("platform"),
    });
  });
}

/** Publishes `org/private:one` as an index for two platforms, plus an entry that is not an image. */
async function publishIndex(host: string): Promise<void> {
  const authorization = `Basic ${basic("reader", password)}`;
  const manifest = "application/vnd.docker.distribution.manifest.v2+json";
  const list = "application/vnd.docker.distribution.manifest.list.v2+json";
  const url = `http://${host}/v2/org/private/manifests`;
  const one = await fetch(`${url}/one`, { headers: { authorization, accept: manifest } });
  const [digest, body] = [one.headers.get("docker-content-digest"), await one.text()];
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64", variant: "v8" },
    { os: "unknown", architecture: "unknown" },
  ];
  const manifests = platforms.map((platform) => ({
    mediaType: manifest,
    digest,
    size: Buffer.byteLength(body),
    platform,
  }));
  const put = await fetch(`${url}/index`, {
    method: "PUT",
    headers: { authorization, "content-type": list },
    body: JSON.stringify({ schemaVersion: 2, mediaType: list, manifests }),
  });
  expect(put.status).toBe(201);
}

interface Registries {
  readonly locked: Registry;
  readonly tokens: TokenServer;
  readonly withTokens: Registry;
  readonly listener: Awaited<ReturnType<typeof startListener>>;
  stop(): Promise<void>;
}

async function startRegistries(): Promise<Registries> {
  const locked = await startRegistry({ htpasswd: { user: "reader", password } });
  const tokens = await startTokenServer();
  const withTokens = await startRegistry({ tokens });
  const listener = await startListener();
  return {
    locked,
    tokens,
    withTokens,
    listener,
    stop: async () => {
      await locked.stop();
      await withTokens.stop();
      await tokens.stop();
      listener.server.closeAllConnections();
      listener.server.close();
    },
  };
}

describeWithEngine({ describe, test }, "credentials, with a real engine", ({ address }) => {
  promises(() => address, "docker", startRegistries);
});

describeWithPodman({ describe, test, beforeAll, afterAll }, "credentials, with Podman", () => {
  let podman: PrivatePodman;
  promises(
    () => podman.address,
    "podman",
    async () => {
      const at = await startRegistries();
      // Podman must know at startup which registries use plain HTTP.
      const insecureRegistries = [at.locked, at.withTokens, at.listener].map(({ host }) => host);
      podman = await startPrivatePodman({ insecureRegistries });
      return {
        ...at,
        stop: async () => {
          await podman.stop();
          await at.stop();
        },
      };
    },
  );
});
