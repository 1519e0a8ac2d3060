import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  defaultPlatform,
  type BuildRequest,
  type ContainerEngine,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";
import { describeWithEngine, startGuardedRegistry, type GuardedRegistry } from "@molecule/test-fixtures";
import { buildContextOf } from "@molecule/testkit";
import { keepReport } from "./build-context.test.support.js";
import type { Builder } from "./builder.js";
import { createDockerEngine } from "../docker-engine.js";
import { findEngineEndpoint } from "../connection/find-engine-endpoint.js";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describeWithEngine({ describe, test }, "bases in private registries", ({ address }) => {
  let one: GuardedRegistry;
  let other: GuardedRegistry;
  const known = new Map<string, RegistryCredential>();
  /** What a fresh lookup returns. */
  const replaced = new Map<string, RegistryCredential>();
  const lookups: { registry: string; fresh: boolean }[] = [];
  const credentials: RegistryCredentials = {
    find: async (registry, { fresh = false } = {}) => {
      lookups.push({ registry, fresh });
      if (fresh && replaced.has(registry)) known.set(registry, replaced.get(registry) as RegistryCredential);
      return known.get(registry);
    },
  };

  beforeAll(async () => {
    one = await startGuardedRegistry("one", "password-of-one", ["a", "one"]);
    other = await startGuardedRegistry("other", "password-of-other", ["b", "other"]);
  });
  afterAll(async () => {
    await one.stop();
    await other.stop();
  });
  const lend = ({ host, user, password }: GuardedRegistry): void => {
    known.set(host, { from: "the test", username: user, password });
  };

  describe.each<Builder>(["buildkit", "classic"])("with %s", (builder) => {
    let engine: ContainerEngine;
    beforeAll(() => {
      const find = (): ReturnType<typeof findEngineEndpoint> =>
        findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" });
      engine = createDockerEngine(find, { builder, credentials });
    });
    afterAll(() => engine.close());

    const build = (Dockerfile: string, baseRegistries: readonly string[]): Promise<{ imageId: string }> => {
      const request: BuildRequest = {
        context: buildContextOf({ Dockerfile }),
        platform: defaultPlatform,
        labels: {},
        target: undefined,
        buildArgs: {},
        noCache: true,
        pullBases: true,
        baseRegistries,
        report: keepReport(),
      };
      return engine.buildImage(request);
    };
    const begin = async (): Promise<void> => {
      known.clear();
      replaced.clear();
      lookups.length = 0;
      for (const guarded of [one, other]) {
        guarded.forget();
        await engine.removeImage(guarded.image);
      }
    };

    test("sends each registry its own credentials only", async () => {
      await begin();
      lend(one);
      lend(other);
      const { imageId } = await build(
        `FROM ${one.image}\nCOPY --from=${other.image} /b /b\nCOPY --from=${other.image} /b /c\n`,
        [one.host, other.host],
      );
      expect(await engine.inspectImage(imageId)).toMatchObject({ id: imageId });
      for (const guarded of [one, other]) {
        expect(guarded.told()).toEqual([`${guarded.user}:${guarded.password}`]);
        // The engine may already have the layers from another test.
        expect(guarded.requests.some(({ path }) => path.includes("/manifests/"))).toBe(true);
      }
      expect(new Set(lookups.map(({ registry }) => registry))).toEqual(new Set([one.host, other.host]));
    });

    test("sends a registry without credentials none", async () => {
      await begin();
      lend(one);
      const building = build(`FROM ${one.image}\nCOPY --from=${other.image} /b /b\n`, [one.host, other.host]);
      await expect(building).rejects.toMatchObject({
        code: "SOURCE_DENIED",
        message: expect.stringMatching(new RegExp(`${other.host}.*\\(no credentials were sent\\)$`)),
        hint: expect.stringContaining(`docker login ${other.host}`),
        transient: null,
      });
      expect(other.told()).toEqual([]);
      expect(other.requests.length).toBeGreaterThan(0);
    });

    test("reports a refusal as denied, names the registry, and looks up its credentials again", async () => {
      await begin();
      known.set(one.host, { from: "the test", username: one.user, password: "it was changed" });
      const building = build(`FROM ${one.image}\n`, [one.host]);
      await expect(building).rejects.toMatchObject({
        code: "SOURCE_DENIED",
        message: expect.stringMatching(new RegExp(`${one.host}.*\\(with the credentials of the test\\)$`)),
        transient: null,
      });
      expect(lookups.at(-1)).toEqual({ registry: one.host, fresh: true });
      const error: unknown = await build(`FROM ${one.image}\n`, [one.host]).catch(
        (reason: unknown) => reason,
      );
      expect(JSON.stringify(error) + String(error)).not.toContain("it was changed");
      expect(JSON.stringify(error) + String(error)).not.toContain(base64(`${one.user}:it was changed`));
    });

    test("repeats the build with the same context if refused credentials have changed", async () => {
      await begin();
      lend(one);
      replaced.set(one.host, known.get(one.host) as RegistryCredential);
      known.set(one.host, { from: "the test", username: one.user, password: "it has expired" });
      const { imageId } = await build(`FROM ${one.image}\nCOPY Dockerfile /d\n`, [one.host]);
      expect(await engine.inspectImage(imageId)).toMatchObject({ id: imageId });
      expect(lookups.filter(({ fresh }) => fresh)).toEqual([{ registry: one.host, fresh: true }]);
    });

    test("fails the build with the error of a failing credential lookup", async () => {
      await begin();
      const broken = createDockerEngine(
        () => findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
        { builder, credentials: { find: () => Promise.reject(new Error("the helper is broken")) } },
      );
      const request = {
        context: buildContextOf({ Dockerfile: `FROM ${one.image}\n` }),
        platform: defaultPlatform,
        labels: {},
        target: undefined,
        buildArgs: {},
        noCache: true,
        pullBases: true,
        baseRegistries: [one.host],
        report: keepReport(),
      };
      await expect(broken.buildImage(request)).rejects.toThrow("the helper is broken");
      await broken.close();
    });
  });
});
