import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  noCredentials,
  parsePlatform,
  silentLog,
  type ContainerEngine,
  type ImageProvider,
  type Platform,
  type RegistryCredentials,
  type Run,
} from "@molecule/core";
import {
  createDockerEngine,
  createRegistryClient,
  createRegistryCredentials,
  findEngineEndpoint,
} from "@molecule/engine";
import { nodeEdges } from "@molecule/node-edges";
import {
  copySignature,
  createSigner,
  makesBundles,
  putIndex,
  runImage,
  startRegistry,
  temporaryDirectory,
  writeDockerConfig,
  type Registry,
  type Signer,
  type SigningKey,
  type StoredIndex,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openSource, untouchableEngine } from "./open-source.test.support.js";
import type { StartedEngine } from "./platform-laws.test.support.js";

const arm64 = parsePlatform("linux/arm64");
const login = { user: "somebody", password: "the-password-of-a-test" };

/** Laws for signed images, on every engine, with the real cosign. */
export function signatureLaws(startEngine: (hosts: readonly string[]) => Promise<StartedEngine>): void {
  let started: StartedEngine;
  let engine: ContainerEngine;
  let registry: Registry;
  /** Requires a password. */
  let guarded: Registry;
  /** Goes down during a test. */
  let weak: Registry;
  let directory: TemporaryDirectory;
  let signer: Signer;
  let key: SigningKey;
  const env = (): Record<string, string> => ({ PATH: process.env.PATH ?? "", HOME: directory.path });
  const connect = (credentials: RegistryCredentials = noCredentials): ContainerEngine =>
    createDockerEngine(
      () => findEngineEndpoint({ env: { DOCKER_HOST: started.address }, home: "/nonexistent" }),
      { fetch, credentials },
    );
  beforeAll(async () => {
    directory = await temporaryDirectory();
    registry = await startRegistry();
    guarded = await startRegistry({ htpasswd: login });
    weak = await startRegistry();
    started = await startEngine([registry.host, guarded.host, weak.host]);
    engine = connect();
    signer = await createSigner(join(directory.path, "signer"));
    key = await signer.makeKey();
  });
  afterAll(async () => {
    await engine.close();
    await started.stop();
    for (const one of [registry, guarded, weak]) await one.stop();
    await directory.remove();
  });

  let tests = 0;
  let prefix: string;
  let commands: string[][];
  beforeEach(() => {
    prefix = `${registry.host}/signed/test-${String(++tests)}`;
    commands = [];
  });
  const repository = (runtime = "hermes"): string => `${prefix}/workspace-template-${runtime}`;
  const tag = (): string => `${repository()}:latest`;
  const signed = ({ digest }: StoredIndex, runtime = "hermes"): string => `${repository(runtime)}@${digest}`;

  /** Publishes an index whose images print their version. */
  function publish(version: string, runtime = "hermes", host = registry.host): Promise<StoredIndex> {
    const { busybox } = helloTemplate();
    if (typeof busybox !== "object" || !("content" in busybox)) throw new TypeError("busybox is missing");
    const { content } = busybox;
    const images = ["amd64", "arm64"].map((architecture) => ({
      architecture,
      files: { "bin/cat": content, message: `${prefix} ${architecture} ${version}` },
      config: { Cmd: ["/bin/cat", "/message"] },
    }));
    const name = repository(runtime).slice(registry.host.length + 1);
    return putIndex({
      host,
      repository: name,
      images,
      ...(host === registry.host ? {} : { credentials: login }),
    });
  }
  async function publishSigned(version: string): Promise<StoredIndex> {
    const index = await publish(version);
    await signer.sign(signed(index), key);
    return index;
  }

  const run: Run = (command, args, options) => {
    commands.push([command, ...args]);
    return nodeEdges({}).run(command, args, options);
  };
  interface Opening {
    readonly options?: object;
    readonly platform?: Platform;
    readonly on?: ContainerEngine;
    readonly run?: Run;
    readonly env?: Record<string, string>;
    readonly prefix?: string;
  }
  const open = (more: Opening = {}): Promise<ImageProvider> =>
    openSource({
      engine: more.on ?? engine,
      prefix: more.prefix ?? prefix,
      platform: more.platform ?? defaultPlatform,
      options: { verify: { key: key.publicKey }, ...more.options },
      cacheDir: join(directory.path, "cache"),
      run: more.run ?? run,
      env: more.env ?? env(),
      registryClient: createRegistryClient({ fetch, credentials: noCredentials }),
      hurried: true,
    });
  const printed = async (image: { imageId: string; platform: Platform }): Promise<string> =>
    runImage(engine, image);
  const isLocal = async (): Promise<boolean> => (await engine.inspectImage(tag())) !== undefined;

  test("a signed image is pulled by the digest that was verified; a hit needs no network and no cosign", async () => {
    const index = await publishSigned("1");
    const image = await (await open()).ensure("hermes");
    expect(image).toMatchObject({ reference: tag(), digest: index.digest, cached: false });
    expect(await printed(image)).toMatch(/ amd64 1$/);
    const offline: ContainerEngine = {
      ...untouchableEngine,
      inspectImage: (name, call) => engine.inspectImage(name, call),
      identify: (call) => engine.identify(call),
    };
    const hit = await open({ on: offline, run: () => Promise.reject(new Error("cosign was run")) });
    expect(await hit.ensure("hermes")).toMatchObject({
      imageId: image.imageId,
      digest: index.digest,
      cached: true,
    });
    expect(commands).toHaveLength(1);
  });

  test("a tag that moves after the verification changes nothing: the verified digest is run", async () => {
    const index = await publishSigned("1");
    const moving: Run = async (command, args, options) => {
      const result = await run(command, args, options);
      await publish("2");
      return result;
    };
    const image = await (await open({ run: moving })).ensure("hermes");
    expect(image).toMatchObject({ digest: index.digest });
    expect(await printed(image)).toMatch(/ 1$/);
    await expect((await open()).refresh("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
  });

  test.each([
    ["unsigned", () => Promise.resolve()],
    ["signed with another key", async (name: string) => signer.sign(name, await signer.makeKey())],
  ])("an image that is %s is refused, and not pulled", async (_what, sign) => {
    const index = await publish("1");
    await sign(signed(index));
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining(`${signed(index)} has no valid signature by the key ${key.publicKey}`),
    });
    expect(await isLocal()).toBe(false);
  });

  test("a signature that was copied from another repository is refused", async () => {
    const index = await publish("1", "codex");
    await signer.sign(signed(index, "codex"), key);
    await publish("1");
    await copySignature(repository("codex"), repository(), index.digest);
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining(`is for ${repository("codex")}`),
      hint: expect.stringContaining(`-a repository=${repository()}`),
    });
    expect(await isLocal()).toBe(false);
    // As for a mirror: the signer names the second repository too.
    await signer.sign(signed(index), key, { annotations: [`repository=${repository()}`] });
    expect(await (await open()).ensure("hermes")).toMatchObject({ digest: index.digest });
  });

  const testOfBundles = makesBundles() ? test : test.skip;
  testOfBundles(
    "a bundle, which states no repository, counts only with an annotation that names it",
    async () => {
      const index = await publish("1");
      const format = "bundle";
      await signer.sign(signed(index), key, { format });
      await expect((await open()).ensure("hermes")).rejects.toMatchObject({
        code: "SOURCE_MISMATCH",
        message: expect.stringContaining("names no repository"),
      });
      // Annotations signed by another key do not count, although the first signature is valid.
      const annotations = [`repository=${repository()}`];
      await signer.sign(signed(index), await signer.makeKey(), { format, annotations });
      await expect((await open()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
      await signer.sign(signed(index), key, { format, annotations: [`repository=${repository("codex")}`] });
      await expect((await open()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
      await signer.sign(signed(index), key, { format, annotations });
      expect(await (await open()).ensure("hermes")).toMatchObject({ digest: index.digest });
    },
  );

  test("a local image that was never verified does not count, with any policy", async () => {
    const index = await publish("1");
    const unverified = await open({ options: { verify: undefined } });
    expect(await unverified.ensure("hermes")).toMatchObject({ digest: index.digest });
    expect(await (await open()).plan("hermes")).toMatchObject({
      hit: false,
      why: `the signature of the image that has the name ${tag()} was not verified`,
    });
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
    await expect((await open({ options: { pullPolicy: "never" } })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
      message: expect.stringContaining("pullPolicy is never"),
    });
    await signer.sign(signed(index), key);
    expect(await (await open()).ensure("hermes")).toMatchObject({ digest: index.digest, cached: false });
    expect(await (await open({ options: { pullPolicy: "never" } })).ensure("hermes")).toMatchObject({
      cached: true,
    });
  });

  test("an image that was verified with another key does not count", async () => {
    const index = await publishSigned("1");
    await (await open()).ensure("hermes");
    const other = await signer.makeKey();
    const options = { verify: { key: other.publicKey } };
    expect(await (await open({ options })).plan("hermes")).toMatchObject({ hit: false });
    await expect((await open({ options })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
    });
    // The same key in another file is the same policy.
    const copy = join(other.directory, "copy.pub");
    await copyFile(key.publicKey, copy);
    expect(await (await open({ options: { verify: { key: copy } } })).ensure("hermes")).toMatchObject({
      digest: index.digest,
      cached: true,
    });
  });

  test("a local name that was moved to another image does not count", async () => {
    const first = await publishSigned("1");
    const image = await (await open()).ensure("hermes");
    await publish("2");
    await (await open({ options: { verify: undefined, pullPolicy: "always" } })).ensure("hermes");
    const plain = await open({ options: { verify: undefined } });
    expect((await plain.plan("hermes")).imageId).not.toBe(image.imageId);
    await expect((await open()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_MISMATCH" });
    expect(first.digest).toBe(image.digest);
  });

  test("with last-good, only a verified image is used while the registry is down", async () => {
    const there = `${weak.host}/signed/last-good`;
    const name = `${there}/workspace-template-hermes`;
    const options = { whenRegistryIsDown: "last-good", pullPolicy: "always" };
    const verifying = () => open({ prefix: there, options });
    const trusting = () => open({ prefix: there, options: { ...options, verify: undefined } });
    const put = (version: string): Promise<StoredIndex> =>
      putIndex({
        host: weak.host,
        repository: name.slice(weak.host.length + 1),
        images: [{ files: { version: `${version} ${weak.host}` } }],
      });
    const index = await put("1");
    await signer.sign(`${name}@${index.digest}`, key);
    const { imageId } = await (await verifying()).ensure("hermes");
    await weak.stop();
    expect(await (await verifying()).ensure("hermes")).toMatchObject({ imageId, stale: true });
    await expect((await verifying()).refresh("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    weak = await startRegistry({ port: Number(weak.host.split(":")[1]) });
    await put("2");
    await (await trusting()).ensure("hermes");
    await weak.stop();
    expect(await (await trusting()).ensure("hermes")).toMatchObject({ stale: true });
    await expect((await verifying()).ensure("hermes")).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("a pin must be signed too", async () => {
    const first = await publishSigned("1");
    const second = await publish("2");
    const pinned = (digest: string) => open({ options: { pins: { hermes: digest } } });
    const image = await (await pinned(first.digest)).ensure("hermes");
    expect(image).toMatchObject({ reference: signed(first), digest: first.digest });
    expect(await (await pinned(first.digest)).ensure("hermes")).toMatchObject({ cached: true });
    await expect((await pinned(second.digest)).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_MISMATCH",
    });
  });

  test("each platform of a signed index is provided, whichever was pulled before", async () => {
    const index = await publishSigned("1");
    const images = [];
    for (const platform of [defaultPlatform, arm64]) {
      const image = await (await open({ platform })).ensure("hermes");
      expect(image).toMatchObject({ platform, digest: index.digest, cached: false });
      images.push(image);
    }
    for (const { platform, imageId } of images) {
      const hit = await (await open({ platform })).ensure("hermes");
      expect(hit).toMatchObject({ platform, imageId, cached: true });
      expect(await printed(hit)).toContain(platform === arm64 ? " arm64 " : " amd64 ");
    }
  });

  test("a private registry gets the credentials of the docker configuration, which appear in no argument", async () => {
    const there = `${guarded.host}/${prefix.slice(registry.host.length + 1)}`;
    const index = await publish("1", "hermes", guarded.host);
    const DOCKER_CONFIG = await writeDockerConfig(join(directory.path, "docker"), guarded.host, login);
    await signer.sign(`${there}/workspace-template-hermes@${index.digest}`, key, { env: { DOCKER_CONFIG } });
    const withLogin = { ...env(), DOCKER_CONFIG };
    const { clock } = nodeEdges({});
    const services = { run, clock, mask: createMask(), log: silentLog };
    const on = connect(createRegistryCredentials({ env: withLogin, home: directory.path, ...services }));
    expect(await (await open({ on, prefix: there, env: withLogin })).ensure("hermes")).toMatchObject({
      digest: index.digest,
    });
    expect(JSON.stringify(commands)).not.toContain(login.password);
    // Only cosign lacks the credentials here.
    await expect((await open({ on, prefix: there })).refresh("hermes")).rejects.toMatchObject({
      code: "SOURCE_DENIED",
    });
    await on.close();
  });

  test("an unreachable registry is not taken for a missing signature", async () => {
    await expect((await open({ prefix: "127.0.0.1:1/acme" })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
    const own = await startRegistry();
    const there = `${own.host}/acme`;
    await putIndex({
      host: own.host,
      repository: "acme/workspace-template-hermes",
      images: [{ files: { a: "1" } }],
    });
    const stopping: Run = async (command, args, options) => {
      await own.stop();
      return run(command, args, options);
    };
    await expect((await open({ prefix: there, run: stopping })).ensure("hermes")).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
    expect(commands).not.toHaveLength(0);
  });

  test("this process resolves the digest if the engine cannot", async () => {
    const index = await publishSigned("1");
    const blind: ContainerEngine = { ...engine, askRegistry: () => Promise.resolve(undefined) };
    expect(await (await open({ on: blind })).ensure("hermes")).toMatchObject({ digest: index.digest });
  });
}
