import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { describe, expect, test } from "@jest/globals";
import type { ProgressEvent } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import { describeWithPodman, runImage } from "@molecule/test-fixtures";
import { failureOf, templateWith, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import plugin from "./index.js";

const token = "s3cret-t0ken+for/podman";

describeWithPodman(runner, "a build with Podman", (podman) => {
  const world = useSource(plugin, createImageProvider);
  const open = (options: Readonly<Record<string, unknown>> = {}, env = {}): Promise<HostImageProvider> =>
    world.open({ env: { CONTAINER_HOST: podman().address, ...env }, options });

  test("builds, tags and labels an image that runs, finds it again, and follows the branch", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "from podman" }));
    const images = await open();
    const events: ProgressEvent[] = [];
    const built = await images.ensure(runtime, { onProgress: (event) => events.push(event) });
    const reference = `molecule-local/workspace-template-${runtime}:${commit.slice(0, 12)}`;
    expect(built).toMatchObject({
      source: "podman",
      reference,
      revision: commit,
      platform: "linux/amd64",
      engine: { kind: "podman", address: podman().address },
      cached: false,
    });
    const engine = images.engineOf(built);
    expect(await images.imageEngine()).toBe(engine);
    expect(await engine.inspectImage(built.imageId)).toMatchObject({
      id: built.imageId,
      tags: expect.arrayContaining([reference, `molecule-local/workspace-template-${runtime}:latest`]),
      labels: expect.objectContaining({
        "org.opencontainers.image.revision": commit,
        "molecule.image.build-key": built.buildKey,
        "molecule.image.managed-by": "podman",
      }),
    });
    expect(await runImage(engine, built)).toBe("from podman\n");
    const amounts = events.filter(({ type, step }) => type === "amount" && step === "build");
    expect(amounts.at(-1)).toMatchObject({ unit: "steps", done: expect.any(Number) });

    const requests = world.forge.requests.length;
    const hit = await (await open()).ensure(runtime);
    expect(hit).toEqual({ ...built, cached: true, durationMs: hit.durationMs });
    expect(world.forge.requests).toHaveLength(requests + 1);

    const moved = await world.forge.commit(runtime, { "message.txt": "moved\n" });
    const next = await images.ensure(runtime);
    expect(next).toMatchObject({ revision: moved, cached: false });
    expect(await runImage(engine, next)).toBe("moved\n");
    const alias = await engine.inspectImage(`molecule-local/workspace-template-${runtime}:latest`);
    expect(alias?.id).toBe(next.imageId);
  });

  test("prunes old images, except those that containers use, and keeps other names", async () => {
    const { runtime, commit: first } = await world.addTemplate(helloTemplate({ message: "one" }));
    const images = await open();
    const one = await images.ensure(runtime);
    const second = await world.forge.commit(runtime, { "message.txt": "two\n" });
    const two = await images.ensure(runtime);
    const third = await world.forge.commit(runtime, { "message.txt": "three\n" });
    const three = await images.ensure(runtime);
    const renewed = await images.refresh(runtime);
    const engine = images.engineOf(three);
    const theirs = `docker.io/theirs/${runtime}:1`;
    await engine.tagImage(one.imageId, theirs);
    const spec = { imageId: two.imageId, platform: two.platform, env: {}, labels: {}, args: undefined };
    const { id } = await engine.createContainer({ ...spec, name: undefined, autoRemove: false });

    const mine = async (keep: number, dryRun = false) => {
      const { removed, kept } = await images.prune({ keep, dryRun });
      const of = (items: typeof removed): string[] =>
        items
          .filter((item) => item.runtime === runtime)
          .map(({ kind, revision }) => `${kind} ${revision ?? ""}`);
      return { removed: of(removed), kept: of(kept) };
    };
    const dry = await mine(1, true);
    expect(await mine(1)).toEqual(dry);
    expect(dry.kept.slice(0, 2)).toEqual([`image ${third}`, `image ${second}`]);
    expect(dry.kept.slice(2).sort()).toEqual(
      [`checkout ${second}`, `checkout ${third}`, "repository "].sort(),
    );
    // The image whose name moved to the refreshed one, and the oldest.
    expect(dry.removed).toEqual([`image ${third}`, `image ${first}`, `checkout ${first}`]);
    expect(await engine.inspectImage(three.imageId)).toBeUndefined();
    expect((await engine.inspectImage(one.imageId))?.tags).toEqual([theirs.replace("docker.io/", "")]);
    expect(await engine.inspectImage(two.imageId)).toMatchObject({ tags: [two.reference] });
    expect((await engine.inspectImage(renewed.imageId))?.tags).toContain(renewed.reference);
    await engine.removeContainer(id, { force: true });
    expect((await mine(0)).kept).toEqual([]);
    expect(await engine.inspectImage(two.imageId)).toBeUndefined();
    await engine.removeImage(theirs);
  });

  test("another image with the name is not a hit", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "true" }));
    const other = await world.addTemplate(helloTemplate({ message: "false" }));
    const images = await open();
    const impostor = await images.ensure(other.runtime);
    const engine = images.engineOf(impostor);
    const reference = `molecule-local/workspace-template-${runtime}:${commit.slice(0, 12)}`;
    await engine.tagImage(impostor.imageId, reference);
    const built = await images.ensure(runtime);
    expect(built).toMatchObject({ cached: false, reference });
    expect(await runImage(engine, built)).toBe("true\n");
  });

  test("reports a failing step with its last output, and tags nothing", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN echo last words; exit 3"));
    const images = await open();
    const failure = await failureOf(images.ensure(runtime));
    expect(failure).toMatchObject({ code: "BUILD_FAILED", source: "podman", step: "build" });
    expect(failure.message).toContain("RUN echo last words");
    expect(failure.output).toContain("last words");
    expect(await images.plan(runtime)).toMatchObject({ hit: false });
  });

  test("attributes an unavailable base image to the registry", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM 127.0.0.1:1/x:y\n" });
    const failure = await failureOf((await open()).ensure(runtime));
    expect(failure).toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("a cancelled build tags nothing; Podman ends it after the current step", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 2\nRUN echo never"));
    const images = await open();
    const caller = new AbortController();
    const lines: string[] = [];
    const call = images.ensure(runtime, {
      signal: caller.signal,
      onProgress: (event) => {
        if (event.type === "output") lines.push(event.line);
        if (event.type === "output" && event.line === "begun") caller.abort();
      },
    });
    expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
    await images.close();
    expect(await readdir(join(world.directory, "cache", runtime))).not.toContainEqual(
      expect.stringMatching(/partial$/),
    );
    const env = { ...podman().env, PATH: process.env.PATH };
    // `podman ps` fails when a container that it lists is removed at the same time.
    const containers = (): Promise<string> =>
      promisify(execFile)("podman", ["ps", "--all", "--external", "--quiet"], { env }).then(
        ({ stdout }) => stdout,
        (error: unknown) => String(error),
      );
    const deadline = performance.now() + 60_000;
    while ((await containers()) !== "" && performance.now() < deadline) await sleep(200);
    expect(await containers()).toBe("");
    expect(lines).not.toContain("never");
    expect(await (await open()).plan(runtime)).toMatchObject({ hit: false });
  });

  test("refresh rebuilds the same commit", async () => {
    const { runtime } = await world.addTemplate(
      templateWith("RUN cat /proc/sys/kernel/random/uuid > /app/message.txt"),
    );
    const images = await open();
    const first = await images.ensure(runtime);
    const again = await images.refresh(runtime);
    expect(again).toMatchObject({ cached: false, reference: first.reference, revision: first.revision });
    expect(again.imageId).not.toBe(first.imageId);
  });

  test("detects a base image for another platform", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\nCOPY . /app\n" });
    const arm = await open({}, { MOLECULE_IMAGE_PLATFORM: "linux/arm64" });
    const image = await arm.ensure(runtime);
    expect(image).toMatchObject({ platform: "linux/arm64", reference: expect.stringMatching(/-arm64$/) });

    const base = "docker.io/molecule-local/only-arm64:1";
    await arm.engineOf(image).tagImage(image.imageId, base);
    const other = await world.addTemplate({ Dockerfile: `FROM ${base}\n` });
    expect(await failureOf((await open()).ensure(other.runtime))).toMatchObject({
      code: expect.stringMatching(/^(?:BUILD_FAILED|SOURCE_\w+)$/),
    });
  });

  test("the token reaches the forge, but neither the image nor the cache", async () => {
    world.forge.requireToken(token);
    const { runtime } = await world.addTemplate(templateWith("RUN env > /app/env.txt"));
    const images = await open({}, { MOLECULE_GITEA_TOKEN: token });
    const image = await images.ensure(runtime);
    const engine = images.engineOf(image);
    expect(await runImage(engine, image, ["/bin/grep", "-r", token, "/app"])).toBe("");
    expect(await runImage(engine, image, ["/bin/ls", "-a", "/app"])).not.toContain(".git\n");
    expect(JSON.stringify([image, await engine.inspectImage(image.imageId)])).not.toContain(token);
  });
});

describe("the socket", () => {
  const world = useSource(plugin, createImageProvider);

  test("is missing: the hint tells how to start Podman", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\n" });
    const images = await world.open({ env: { CONTAINER_HOST: `unix://${world.directory}/absent.sock` } });
    const failure = await failureOf(images.ensure(runtime));
    expect(failure).toMatchObject({ code: "ENGINE_UNAVAILABLE", source: "podman" });
    expect(failure.hint).toContain("systemctl --user enable --now podman.socket");
    expect(failure.hint).toContain("CONTAINER_HOST");
  });

  test.each([
    ["ssh://core@host/run/podman/podman.sock", "ssh -nNT -L"],
    ["fd://x", "unix:///PATH"],
    ["http://h", "unix:///PATH"],
  ])("rejects %s with CONFIG_INVALID, the variable and an alternative", async (address, hint) => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM scratch\n" });
    const failure = await failureOf((await world.open({ env: { CONTAINER_HOST: address } })).ensure(runtime));
    expect(failure).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("CONTAINER_HOST"),
      hint: expect.stringContaining(hint),
    });
  });
});
