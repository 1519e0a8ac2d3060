import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { silentLog, type Log, type ProgressEvent } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithEngine,
  registryError,
  startRegistry,
  watchRegistry,
  type Registry,
  type WatchedRegistry,
} from "@molecule/test-fixtures";
import { useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import plugin from "./index.js";

interface Line {
  readonly level: "debug" | "warn";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

describeWithEngine(
  runner,
  "a registry with immutable tags, to which hosts push shared builds",
  ({ address }) => {
    const world = useSource(plugin, createImageProvider);
    let registry: Registry;
    let door: WatchedRegistry;
    /** The reply to the next push of a tag that exists. */
    let refusal: ReturnType<typeof registryError>;
    /** Whether the tag seems to be missing, as if another host had not pushed it yet. Ends with a push. */
    let hides = false;
    const tags = new Set<string>();
    beforeAll(async () => {
      registry = await startRegistry();
      door = await watchRegistry(registry, ({ method, path }) => {
        if (!/\/manifests\/bk-/.test(path)) return undefined;
        if (method !== "PUT")
          return hides ? registryError(404, "MANIFEST_UNKNOWN", "manifest unknown") : undefined;
        hides = false;
        if (tags.has(path)) return refusal;
        tags.add(path);
        return undefined;
      });
    });
    afterAll(async () => {
      await door.stop();
      await registry.stop();
    });

    let tests = 0;
    let runtime: string;
    let lines: Line[];
    beforeEach(async () => {
      lines = [];
      runtime = (await world.addTemplate(helloTemplate({ message: `immutable ${String(++tests)}` }))).runtime;
    });
    const logger: Log = {
      ...silentLog,
      debug: (message, fields = {}) => void lines.push({ level: "debug", message, fields }),
      warn: (message, fields = {}) => void lines.push({ level: "warn", message, fields }),
    };
    const warnings = (): Line[] => lines.filter(({ level }) => level === "warn");

    /** Opens the source as a host with its own cache and local tags, which pushes its builds. */
    const open = (host: string): Promise<HostImageProvider> =>
      world.open({
        env: {
          DOCKER_HOST: address,
          MOLECULE_LOCAL_BUILD_CACHE: join(world.directory, `${runtime}-${host}`),
          MOLECULE_LOCAL_IMAGE_ISOLATION: `${runtime}-${host}`,
        },
        options: { share: { registry: `${door.host}/fleet`, push: true } },
        logger,
      });

    /**
     * Builds on one host, and then on another that has looked for the build before the first one pushed it.
     * @param pushedDuring the step of the second host during which that happens
     */
    async function buildOnBoth(pushedDuring: "build" | "push"): Promise<void> {
      await (await open("first")).ensure(runtime);
      hides = true;
      const events: ProgressEvent[] = [];
      const onProgress = (event: ProgressEvent): void => {
        if (event.step === "build" && pushedDuring === "build") hides = false;
        events.push(event);
      };
      expect(await (await open("second")).ensure(runtime, { onProgress })).toMatchObject({ cached: false });
      expect(hides).toBe(false);
      expect(events).toContainEqual(expect.objectContaining({ type: "finished", step: "push", ok: true }));
      expect(warnings()).toEqual([]);
    }
    const pushes = (): number =>
      door.requests.filter(({ method, path }) => method === "PUT" && path.includes(runtime)).length;

    test("a build that another host has pushed in the meantime is not pushed again", async () => {
      await (await open("first")).ensure(runtime);
      const before = pushes();
      await buildOnBoth("build");
      expect(pushes()).toBe(before);
    });

    test.each([
      [
        "ECR",
        registryError(
          400,
          "TAG_INVALID",
          "The image tag 'bk' already exists in the 'fleet' repository and cannot be overwritten because the repository is immutable.",
        ),
        "cannot be overwritten because the repository is immutable",
      ],
      [
        "Harbor",
        registryError(
          412,
          "PRECONDITION",
          "Failed to process request due to 'fleet/hermes:bk' configured as immutable.",
        ),
        "configured as immutable",
      ],
      ["a registry that gives no reason", registryError(403, "DENIED", "not this tag"), "not this tag"],
    ])("%s: a refused push does not fail if another host was first", async (_name, reply, words) => {
      refusal = reply;
      await buildOnBoth("push");
      expect(lines).toContainEqual({
        level: "debug",
        message: "another host has pushed this build",
        fields: {
          source: "gitea-local-build",
          reference: expect.stringMatching(
            `^${door.host}/fleet/workspace-template-${runtime}:bk-[0-9a-f]{32}$`,
          ),
          error: expect.stringContaining(words),
        },
      });
    });

    test("a refresh that cannot replace the shared build logs a warning with the registry's words", async () => {
      refusal = registryError(409, "TAG_IMMUTABLE", "tag is immutable and cannot be overwritten");
      const images = await open("first");
      await images.ensure(runtime);
      expect(await images.refresh(runtime)).toMatchObject({ cached: false });
      expect(warnings()).toEqual([
        {
          level: "warn",
          message: "cannot share the image; it is used on this host only",
          fields: expect.objectContaining({
            error: expect.stringContaining("tag is immutable and cannot be overwritten"),
          }),
        },
      ]);
    });

    test("a push that is refused although no other host has pushed logs a warning", async () => {
      refusal = registryError(403, "DENIED", "no");
      const images = await open("first");
      const plan = await images.plan(runtime);
      tags.add(`/v2/fleet/workspace-template-${runtime}/manifests/bk-${String(plan.buildKey).slice(0, 32)}`);
      await images.ensure(runtime);
      expect(warnings().map(({ message }) => message)).toEqual([
        "cannot share the image; it is used on this host only",
      ]);
    });
  },
);
