import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { silentLog, type Env, type ImageProvider, type Log, type ProgressEvent } from "@molecule/core";
import { helloTemplate } from "@molecule/testkit";
import { copySignature } from "../cosign/copy-signature.js";
import { createSigner, type Signer, type SigningKey } from "../cosign/create-signer.js";
import { pathWithoutCosign } from "../cosign/path-without-cosign.js";
import { pausingCosign } from "../cosign/pausing-cosign.js";
import { startRegistry, type Registry } from "../registry/start-registry.js";
import { failureOf } from "./failure-of.js";
import { copyBuild, replaceBuild, sharedBuildIn, type StoredBuild } from "./shared-build.js";
import type { SourceWorld } from "./use-source.js";

/** The source under test. Its members are used only inside tests and hooks. */
export interface SignedSharing {
  readonly world: SourceWorld<ImageProvider>;
  /** Makes the builder accept a registry without TLS. Called once, before the tests. */
  readonly acceptRegistry: (host: string) => Promise<void>;
  /** The variables with which the source finds its builder. */
  readonly env: () => Env;
}

interface Warning {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Declares the tests of `share` with `verify`, with the real cosign. */
export function testSignedSharing({ world, acceptRegistry, env }: SignedSharing): void {
  let registry: Registry;
  let signer: Signer;
  let key: SigningKey;
  beforeAll(async () => {
    registry = await startRegistry();
    await acceptRegistry(registry.host);
    signer = await createSigner(join(world.directory, "signer"));
    key = await signer.makeKey();
  });
  afterAll(() => registry.stop());

  let tests = 0;
  let name: string;
  let runtime: string;
  let warnings: Warning[];
  beforeEach(async () => {
    name = `signed-${String(++tests)}`;
    warnings = [];
    runtime = (await world.addTemplate(helloTemplate({ message: name }))).runtime;
  });
  const directory = (of: string): string => join(world.directory, `${name}-${of}`);
  const share = () => ({ registry: `${registry.host}/${name}` });
  const repository = (of = runtime): string => `${name}/workspace-template-${of}`;
  const fetches = (): number =>
    world.forge.gitRequests().filter(({ path }) => path.includes(runtime) && path.includes("info/refs"))
      .length;
  const logger: Log = {
    ...silentLog,
    warn: (message, fields = {}) => void warnings.push({ message, fields }),
  };

  /** Opens the source as a host with its own cache and local tags. */
  async function open(host: string, options: object, more: Env = {}): Promise<ImageProvider> {
    const own = {
      MOLECULE_LOCAL_BUILD_CACHE: directory(host),
      MOLECULE_LOCAL_IMAGE_ISOLATION: `${name}-${host}`,
    };
    return world.open({ env: { ...env(), ...own, ...more }, options: { ...options }, logger });
  }
  const verifying = (more: Env = {}, host = "host"): Promise<ImageProvider> =>
    open(host, { share: { ...share(), verify: { key: key.publicKey } } }, more);
  const trusting = (): Promise<ImageProvider> => open("host", { share: share() });

  /** Builds the template on another host, and pushes it. */
  async function publish(): Promise<StoredBuild> {
    const builder = await open("builder", { share: { ...share(), push: true } });
    await builder.ensure(runtime);
    const build = await published();
    if (build === undefined) throw new Error("the build was not pushed");
    return build;
  }
  const published = () => sharedBuildIn(registry.host, repository());
  const nameOf = ({ host, digest }: StoredBuild): string => `${host}/${repository()}@${digest}`;

  async function expectBuiltHere(images: ImageProvider, why: string, hint: string): Promise<void> {
    const before = { fetches: fetches(), published: await published() };
    expect(await images.ensure(runtime)).toMatchObject({ cached: false });
    expect(fetches()).toBe(before.fetches + 1);
    expect(warnings).toEqual([
      {
        message: "cannot get the shared build; building it here",
        fields: expect.objectContaining({
          error: expect.stringContaining(why),
          hint: expect.stringContaining(hint),
        }),
      },
    ]);
    expect(JSON.stringify(warnings)).not.toContain("\\n");
    // Nothing was pushed, and the next call uses what was built.
    expect(await published()).toEqual(before.published);
    expect(await images.ensure(runtime)).toMatchObject({ cached: true });
    expect(fetches()).toBe(before.fetches + 1);
  }

  test("a signed build is used instead of building; a later call needs neither cosign nor the registry", async () => {
    const build = await publish();
    await signer.sign(nameOf(build), key);
    const before = fetches();
    const events: ProgressEvent[] = [];
    const taken = await (await verifying()).ensure(runtime, { onProgress: (event) => events.push(event) });
    expect([taken.cached, fetches(), warnings]).toEqual([false, before, []]);

    // Verification does not count as a stall, and the display shows which digest was verified.
    expect(events).toContainEqual(
      expect.objectContaining({ step: "pull", why: "verifying the signature of the shared build" }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ step: "pull", line: `the signature of ${nameOf(build)} is valid` }),
    );

    const offline = await verifying({ PATH: await pathWithoutCosign(directory("programs")) });
    await registry.stop();
    const hit = await offline.ensure(runtime).finally(async () => {
      registry = await startRegistry({ port: Number(registry.host.split(":")[1]) });
    });
    expect(hit).toMatchObject({ cached: true, imageId: taken.imageId });
    expect([fetches(), warnings]).toEqual([before, []]);
    // No name of the image in the registry is left.
    const { removed } = await offline.prune({ keep: 0, dryRun: true });
    const names = removed.flatMap((item) => [...item.names, ...item.otherNames]);
    expect(names).toContain(taken.reference);
    expect(names.filter((one) => one.startsWith(registry.host))).toEqual([]);
  });

  test.each([
    ["unsigned", async () => undefined],
    ["signed with another key", async (build: string) => signer.sign(build, await signer.makeKey())],
  ])("a build that is %s is not used, and this host builds", async (_what, sign) => {
    const build = nameOf(await publish());
    await sign(build);
    const why = `${build} has no valid signature by the key ${key.publicKey}`;
    await expectBuiltHere(await verifying(), why, "Sign the image with `cosign sign`");
  });

  test("a signature that was copied from another repository does not count", async () => {
    const { runtime: other } = await world.addTemplate(helloTemplate({ message: `${name} other` }));
    const build = await publish();
    const foreign = `${registry.host}/${repository(other)}`;
    await copyBuild(build, repository(other));
    await signer.sign(`${foreign}@${build.digest}`, key);
    await copySignature(foreign, `${registry.host}/${repository()}`, build.digest);
    await expectBuiltHere(
      await verifying(),
      `is for ${foreign}`,
      `-a repository=${registry.host}/${repository()}`,
    );
  });

  test("a tag that moves between the verification and the pull changes nothing", async () => {
    const build = await publish();
    await signer.sign(nameOf(build), key);
    const expected = await (await open("expected", { share: share() })).ensure(runtime);
    const cosign = await pausingCosign(directory("cosign"));
    const before = fetches();
    const ensuring = (await verifying({ PATH: cosign.path })).ensure(runtime);
    await cosign.untilDone(ensuring);
    const impostor = await replaceBuild(build);
    await cosign.resume();
    expect(await ensuring).toMatchObject({ imageId: expected.imageId, cached: false });
    expect([fetches(), warnings]).toEqual([before, []]);

    // The impostor has the right labels, so a host that verifies nothing uses it.
    expect(impostor.digest).not.toBe(build.digest);
    const deceived = await (await open("deceived", { share: share() })).ensure(runtime);
    expect(deceived.imageId).not.toBe(expected.imageId);
    expect(fetches()).toBe(before);
    await expectBuiltHere(await verifying({}, "late"), nameOf(impostor), "Sign the image");
  });

  test("without cosign, shared builds are not used", async () => {
    await signer.sign(nameOf(await publish()), key);
    const images = await verifying({ PATH: await pathWithoutCosign(directory("programs")) });
    await expectBuiltHere(images, "cosign is not in PATH, and options.", "Install cosign");
  });

  test("a registry that is down does not block a build", async () => {
    const options = { share: { registry: "127.0.0.1:1/fleet", verify: { key: key.publicKey } } };
    expect(await (await open("host", options)).ensure(runtime)).toMatchObject({ cached: false });
    expect(warnings.map(({ message }) => message)).toEqual(["cannot get the shared build; building it here"]);
  });

  test("an image that was pulled without verification does not count", async () => {
    const build = await publish();
    const before = fetches();
    const unverified = await (await trusting()).ensure(runtime);
    expect(fetches()).toBe(before);
    expect(await (await verifying()).plan(runtime)).toMatchObject({
      hit: false,
      why: `no record says that ${unverified.reference} was built here, or that its signature was verified`,
    });
    expect(await (await trusting()).plan(runtime)).toMatchObject({ hit: true });

    await signer.sign(nameOf(build), key);
    expect(await (await verifying()).ensure(runtime)).toMatchObject({
      cached: false,
      imageId: unverified.imageId,
    });
    expect(fetches()).toBe(before);
    expect(await (await verifying()).plan(runtime)).toMatchObject({ hit: true });
    const other = await signer.makeKey();
    const withOther = await open("host", { share: { ...share(), verify: { key: other.publicKey } } });
    expect(await withOther.plan(runtime)).toMatchObject({ hit: false });
  });

  test("an image that was built here counts, even if it was built before `verify` was set", async () => {
    await (await trusting()).ensure(runtime);
    const before = fetches();
    expect(await (await verifying()).ensure(runtime)).toMatchObject({ cached: true });
    expect([fetches(), warnings]).toEqual([before, []]);
  });

  test("an unusable key is CONFIG_INVALID, before anything is contacted", async () => {
    const missing = join(world.directory, "none.pub");
    const images = await open("host", { share: { ...share(), verify: { key: missing } } });
    const before = world.forge.requests.length;
    for (const call of [
      () => images.ensure(runtime),
      () => images.refresh(runtime),
      () => images.plan(runtime),
    ])
      expect(await failureOf(call())).toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(
          /^options\..*\.share\.verify\.key cannot be used: .*none\.pub: it does not exist/,
        ),
      });
    expect(world.forge.requests).toHaveLength(before);
  });
}
