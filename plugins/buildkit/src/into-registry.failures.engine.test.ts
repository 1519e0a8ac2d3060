import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { describe, expect, test } from "@jest/globals";
import { silentLog } from "@molecule/core";
import { describeWithBuildkit, putImage } from "@molecule/test-fixtures";
import { failureOf, templateWith } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { repositoryOf, team, useRegistry } from "./use-registry.test.support.js";

describeWithBuildkit(runner, "a build into a registry", (buildkit) => {
  const registry = useRegistry(buildkit);

  describe("an image under the tag that is not the requested one is replaced, with a warning:", () => {
    const replaced = async (
      put: (runtime: string, tag: string) => Promise<unknown>,
    ): Promise<readonly unknown[]> => {
      const { runtime, commit } = await registry.world.addTemplate(helloTemplate({ message: "right" }));
      const tag = commit.slice(0, 12);
      await put(runtime, tag);
      const warnings: unknown[] = [];
      const logger = {
        ...silentLog,
        warn: (message: string, fields?: object) => void warnings.push({ message, ...fields }),
      };
      const images = await registry.open({}, {}, logger);
      expect(await images.plan(runtime)).toMatchObject({ hit: false });
      const built = await images.ensure(runtime);
      expect(built).toMatchObject({ cached: false });
      const stored = await registry.reader.manifest(`${repositoryOf(runtime)}:${tag}`);
      expect(stored?.digest).toBe(built.digest);
      return warnings;
    };
    const place = (runtime: string, tag: string) => ({
      host: registry.host,
      repository: repositoryOf(runtime),
      credentials: team,
      tag,
      files: { "message.txt": "wrong\n" },
    });
    const warning = (why: RegExp) =>
      expect.objectContaining({
        message: "another image has this name; ignoring it",
        why: expect.stringMatching(why),
      });

    test("without our labels", async () => {
      const warnings = await replaced((runtime, tag) => putImage(place(runtime, tag)));
      expect(warnings).toContainEqual(warning(/its label org\.opencontainers\.image\.revision is missing/));
    });

    test("for another platform", async () => {
      const warnings = await replaced((runtime, tag) =>
        putImage({ ...place(runtime, tag), architecture: "arm64" }),
      );
      expect(warnings).toContainEqual(warning(/no image for linux\/amd64; it is published for linux\/arm64/));
    });

    test("built with other options", async () => {
      const warnings = await replaced(async (runtime) => {
        await (await registry.open({ buildArgs: { OTHER: "1" } })).ensure(runtime);
      });
      expect(warnings).toContainEqual(warning(/its label molecule\.image\.build-key is [0-9a-f]{64}, not /));
    });
  });

  describe("fails before anything is built", () => {
    const failure = async (
      options: Readonly<Record<string, unknown>>,
      more: Readonly<Record<string, string>> = {},
    ) => {
      const { runtime } = await registry.world.addTemplate(helloTemplate());
      const steps = new Set<string>();
      const call = (await registry.open(options, more)).ensure(runtime, {
        onProgress: (event) => steps.add(event.step),
      });
      const error = await failureOf(call);
      expect([...steps]).not.toContain("checkout");
      expect([...steps]).not.toContain("build");
      return error;
    };

    test("if the registry is down", async () => {
      expect(await failure({ registry: "127.0.0.1:1/team" })).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("127.0.0.1:1/"),
        step: "find",
      });
    });

    test.each([
      [
        "a wrong password",
        () => registry.loggedIn("builder:wrong-password"),
        /DOCKER_AUTH_CONFIG/,
        /Log in again/,
      ],
      ["no password", () => ({ DOCKER_AUTH_CONFIG: "{}" }), /no credentials were sent/, /log in with/],
    ])("with %s", async (_what, login, reason, hint) => {
      const error = await failure({}, login());
      expect(error).toMatchObject({ code: "SOURCE_DENIED", message: expect.stringMatching(reason) });
      expect(error.message).toContain(registry.door.host);
      expect(error.hint).toMatch(hint);
      expect(error.hint).toContain(`docker login ${registry.door.host}`);
      expect(`${error.message}${error.hint}`).not.toContain("wrong-password");
    });
  });

  test("with immutable tags, hosts that build the same commit use the image that was tagged first", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate({ message: "immutable" }));
    const first = await (await registry.open()).ensure(runtime);
    // The second host has looked for the image before it was tagged.
    let isBuilt = false;
    registry.refuse(({ method, path }) => {
      if (!/\/manifests\/(?!sha256:)/.test(path)) return undefined;
      isBuilt ||= method === "PUT";
      return method === "PUT" ? 412 : isBuilt ? undefined : 404;
    });
    const second = await (await registry.open()).ensure(runtime);
    expect(isBuilt).toBe(true);
    expect(second).toMatchObject({ cached: false, digest: first.digest, reference: first.reference });
  });

  describe("fails after the build, and leaves no tag,", () => {
    const failure = async (refuse: Parameters<typeof registry.refuse>[0]) => {
      const { runtime } = await registry.world.addTemplate(helloTemplate());
      registry.refuse(refuse);
      const error = await failureOf((await registry.open()).ensure(runtime));
      expect(await registry.tags(runtime)).toEqual([]);
      return { error, runtime };
    };

    test("if this user may not push", async () => {
      const { runtime, error } = await failure(({ method }) => (method === "POST" ? 403 : undefined));
      expect(error).toMatchObject({ code: "SOURCE_DENIED", step: "build" });
      expect(error.message).toContain(`cannot push ${registry.prefix}/workspace-template-${runtime}: `);
      expect(error.hint).toContain("push");
    });

    test("if the registry does not let tags move", async () => {
      const isTag = /\/manifests\/(?!sha256:)/;
      const { runtime, error } = await failure(({ method, path }) =>
        method === "PUT" && isTag.test(path) ? 412 : undefined,
      );
      expect(error).toMatchObject({ code: "SOURCE_DENIED", step: "tag" });
      expect(error.message).toMatch(
        new RegExp(`^cannot tag .*/workspace-template-${runtime}@sha256:\\w+ as \\w+: .* returned 412$`),
      );
      expect(error.hint).toContain("overwritten");
    });

    test("if the call is aborted, and the builder ends the step", async () => {
      const seconds = String(600 + randomInt(100_000));
      const { runtime } = await registry.world.addTemplate(templateWith(`RUN echo begun; sleep ${seconds}`));
      const caller = new AbortController();
      const images = await registry.open();
      const call = images.ensure(runtime, {
        signal: caller.signal,
        onProgress: (event) => {
          if (event.type === "output" && event.line === "begun") caller.abort();
        },
      });
      const isSleeping = async (): Promise<boolean> => {
        const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "args="]);
        return stdout.split("\n").some((line) => line.endsWith(`sleep ${seconds}`) && !line.includes("echo"));
      };
      expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
      await images.close();
      // Ten minutes would be its own end.
      const deadline = performance.now() + 60_000;
      while ((await isSleeping()) && performance.now() < deadline) await sleep(100);
      expect(await isSleeping()).toBe(false);
      expect(await registry.tags(runtime)).toEqual([]);
    });
  });
});
