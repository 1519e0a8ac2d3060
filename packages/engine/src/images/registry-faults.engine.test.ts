import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultPlatform, type ContainerEngine, type RegistryCredential } from "@molecule/core";
import {
  describeWithEngine,
  describeWithPodman,
  startFailingRegistry,
  type FailingRegistry,
} from "@molecule/test-fixtures";
import { failureOf } from "@molecule/test-fixtures/source";
import { imageArchive } from "@molecule/testkit";
import { keepReport } from "../builds/build-context.test.support.js";
import type { Builder } from "../builds/builder.js";
import { buildOf, engineWith, outcomeOf } from "./registry-faults.test.support.js";
import { expectedOutcomes } from "../texts/engine-texts.test.support.js";

/** One fault of each kind, except those that engines themselves retry for long. */
const faults = [
  ...[
    "manifest-404-unknown",
    "manifest-404-html",
    "manifest-403-json",
    "manifest-403-html",
    "manifest-401-json",
  ],
  ...[
    "manifest-503-plain",
    "manifest-html",
    "manifest-not-json",
    "manifest-other-pinned",
    "index-other-platform",
  ],
  ...["config-404", "layer-404", "layer-other", "layer-not-tar", "token-403-errors", "token-503-plain"],
  ...["basic-without", "refused", "reset"],
];

function registryFaultTests(address: () => string, builders: readonly (Builder | undefined)[]): void {
  let registry: FailingRegistry;
  beforeAll(async () => {
    registry = await startFailingRegistry();
  });
  afterAll(() => registry.stop());

  const fresh = (fault: string): string => registry.reference(fault, randomBytes(6).toString("hex"));
  const wanted = (fault: string): string => {
    const { code = "", transient = false } = expectedOutcomes[fault] ?? {};
    return transient ? `${code}, transient` : code;
  };

  describe("a pull", () => {
    let engine: ContainerEngine;
    beforeAll(() => {
      engine = engineWith(address(), undefined);
    });
    afterAll(() => engine.close());

    test.each(faults)("%s", async (fault) => {
      const pulling = engine.pullImage({
        reference: fresh(fault),
        platform: defaultPlatform,
        report: keepReport(),
      });
      expect(await outcomeOf(pulling)).toBe(wanted(fault));
    });
  });

  describe("a push", () => {
    let engine: ContainerEngine;
    beforeAll(() => {
      engine = engineWith(address(), undefined);
    });
    afterAll(() => engine.close());

    test.each(["tag-400-exists", "tag-403-exists", "tag-409-exists", "tag-412-exists"])(
      "%s",
      async (fault) => {
        const reference = fresh(fault);
        const { bytes } = imageArchive({ files: { x: reference }, tags: [reference] });
        await engine.loadImage({ archive: Readable.from([bytes]), report: keepReport() });
        const failure = await failureOf(engine.pushImage({ reference, report: keepReport() }));
        await engine.removeImage(reference);
        expect(failure.code).toBe(wanted(fault));
        // A login would help unless the tag is known to be immutable.
        expect(failure.hint).toBe(
          expectedOutcomes[fault]?.hint ??
            `The docker configuration has no credentials for ${registry.hosts.plain}: log in with \`docker login ${registry.hosts.plain}\`.`,
        );
      },
    );
  });

  describe.each(builders)("a build by %s", (builder) => {
    let engine: ContainerEngine;
    const known = new Map<string, RegistryCredential>();
    const query: boolean[] = [];
    beforeAll(() => {
      engine = engineWith(address(), builder, {
        find: async (host, { fresh: isFresh = false } = {}) => {
          query.push(isFresh);
          return known.get(host);
        },
      });
    });
    afterAll(() => engine.close());

    test.each(faults)("whose base fails with %s", async (fault) => {
      known.clear();
      expect(await outcomeOf(buildOf(engine, `FROM ${fresh(fault)}\nCOPY x /x\n`))).toBe(wanted(fault));
    });

    test.each(["manifest-404-unknown", "manifest-503-plain", "layer-404", "basic-without", "refused"])(
      "that copies from an image that fails with %s",
      async (fault) => {
        known.clear();
        const building = buildOf(engine, `FROM scratch\nCOPY --from=${fresh(fault)} /x0 /x\n`);
        expect(await outcomeOf(building)).toBe(wanted(fault));
      },
    );

    test.each([
      ["FROM", (image: string) => `FROM ${image}\n`],
      ["COPY --from", (image: string) => `FROM scratch\nCOPY --from=${image} /x0 /x\n`],
    ])("looks up the refused credentials of a %s again, once", async (_name, dockerfileOf) => {
      const image = fresh("basic-wrong");
      const host = registry.hosts.basic;
      const build = (): Promise<string> =>
        outcomeOf(buildOf(engine, dockerfileOf(image), { baseRegistries: [host] }));
      known.set(host, { from: "the test", username: "somebody", password: randomBytes(6).toString("hex") });
      query.length = 0;
      expect(await build()).toBe("SOURCE_DENIED");
      expect(query.filter((isFresh) => isFresh)).toHaveLength(1);
    });

    test("does not retry a registry that refuses without a challenge", async () => {
      known.set(registry.hosts.plain, { from: "the test", username: "somebody", password: "a password" });
      const building = buildOf(engine, `FROM ${fresh("manifest-403-json")}\n`);
      expect(await outcomeOf(building)).toBe("SOURCE_DENIED");
    });

    test.each([
      "FROM 127.0.0.1:1/Foo:1\n",
      "FROM 127.0.0.1:1/foo:-x\n",
      "FROM scratch\nRUNN x\n",
      "# nothing\n",
    ])("blames the template for %j", async (dockerfile) => {
      const failure: unknown = await buildOf(engine, dockerfile).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "BUILD_FAILED",
        message: expect.not.stringContaining("[internal]"),
        transient: null,
      });
    });
  });
}

describeWithEngine({ describe, test }, "registries that fail", ({ address }) => {
  registryFaultTests(() => address, ["buildkit", "classic"]);
});

describeWithPodman(
  runner,
  "registries that fail, with Podman",
  (podman) => {
    registryFaultTests(() => podman().address, [undefined]);
  },
  { insecureRegistries: ["127.0.0.1"] },
);
