import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import type { ProgressEvent } from "@molecule/core";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithBuildah,
  describeWithEngine,
  runningCommands,
  waitUntilGone,
} from "@molecule/test-fixtures";
import { failureOf, templateWith, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import plugin from "./index.js";

const token = "s3cret-t0ken+for/buildah";

describeWithBuildah(runner, "a build with buildah", (storage) => {
  const world = useSource(plugin, createImageProvider);
  const open = (options: Readonly<Record<string, unknown>> = {}, env = {}): Promise<HostImageProvider> =>
    world.open({ env: { ...storage().env, ...env }, options });
  const tool = async (...args: readonly string[]): Promise<string> => {
    const env = { ...storage().env, PATH: process.env.PATH };
    return (await promisify(execFile)("buildah", [...args], { env })).stdout.trim();
  };
  /** Returns the file at that path in the image. */
  const fileOf = async (imageId: string, path: string): Promise<string> => {
    const container = await tool("from", imageId);
    try {
      return await readFile(join(await tool("mount", container), path), "utf8");
    } finally {
      await tool("rm", container);
    }
  };
  const fileTemplate = (message: string) => ({
    Dockerfile: "FROM scratch\nCOPY . /app\n",
    "message.txt": `${message}\n`,
  });

  test("builds, tags and labels an image, finds it again, and follows the branch", async () => {
    const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "from buildah" }));
    const images = await open();
    const events: ProgressEvent[] = [];
    const built = await images.ensure(runtime, { onProgress: (event) => events.push(event) });
    const name = `molecule-local/workspace-template-${runtime}`;
    expect(built).toMatchObject({
      source: "buildah",
      reference: `${name}:${commit.slice(0, 12)}`,
      revision: commit,
      platform: "linux/amd64",
      engine: null,
      cached: false,
    });
    expect(await fileOf(built.imageId, "/app/message.txt")).toBe("from buildah\n");
    const [listed] = JSON.parse(await tool("images", "--json", "--no-trunc", built.imageId)) as [
      { readonly names: string[] },
    ];
    expect(listed.names.sort()).toEqual(
      [`docker.io/${name}:${commit.slice(0, 12)}`, `docker.io/${name}:latest`].sort(),
    );
    const inspected = JSON.parse(await tool("inspect", "--type", "image", built.imageId)) as {
      readonly OCIv1: { readonly config: { readonly Labels: unknown } };
    };
    expect(inspected.OCIv1.config.Labels).toMatchObject({
      "org.opencontainers.image.revision": commit,
      "org.opencontainers.image.source": world.forge.repoPrefix() + runtime,
      "molecule.image.runtime": runtime,
      "molecule.image.build-key": built.buildKey,
      "molecule.image.managed-by": "buildah",
    });
    const steps = events.flatMap((event) =>
      event.type === "amount" && event.unit === "steps" ? [event] : [],
    );
    // One step for each instruction, and one to commit; buildah up to 1.28 adds one for each label.
    const last = steps.at(-1);
    expect([7, 11]).toContain(last?.total);
    expect(last).toMatchObject({ step: "build", done: (last?.total ?? 0) - 1 });
    expect(await world.partialFiles(runtime)).toEqual([]);

    const requests = world.forge.requests.length;
    const hit = await (await open()).ensure(runtime);
    expect(hit).toEqual({ ...built, cached: true, durationMs: hit.durationMs });
    expect(world.forge.requests).toHaveLength(requests + 1);

    const moved = await world.forge.commit(runtime, { "message.txt": "moved\n" });
    const next = await images.ensure(runtime);
    expect(next).toMatchObject({ revision: moved, cached: false });
    expect(await fileOf(next.imageId, "/app/message.txt")).toBe("moved\n");
    expect(
      await tool("inspect", "--type", "image", "--format", "{{.FromImageID}}", `docker.io/${name}:latest`),
    ).toBe(next.imageId.replace("sha256:", ""));
  });

  test("prunes old images from the storage, except those that a container uses", async () => {
    const { runtime, commit: first } = await world.addTemplate(fileTemplate("one"));
    const images = await open();
    const one = await images.ensure(runtime);
    const second = await world.forge.commit(runtime, { "message.txt": "two\n" });
    const two = await images.ensure(runtime);
    const theirs = `docker.io/theirs/${runtime}:1`;
    await tool("tag", two.imageId, theirs);
    const container = await tool("from", one.imageId);
    const ids = async (): Promise<string> => tool("images", "--no-trunc", "--quiet");
    const mine = async (keep: number, dryRun = false) => {
      const { removed, kept } = await images.prune({ keep, dryRun });
      const of = (items: typeof removed) => items.filter((item) => item.runtime === runtime);
      return { removed: of(removed), kept: of(kept) };
    };

    const used = await mine(1);
    expect(used.removed).toEqual([]);
    expect(used.kept).toMatchObject([
      { kind: "image", revision: second, names: [expect.stringContaining(":latest"), two.reference] },
      { kind: "image", revision: first, why: `the container ${container} uses it` },
      { kind: "checkout" },
      { kind: "checkout" },
      { kind: "repository" },
    ]);
    await tool("rm", container);
    const dry = await mine(0, true);
    expect(await mine(0)).toEqual(dry);
    expect(dry.kept).toEqual([]);
    expect(dry.removed.filter(({ kind }) => kind === "image")).toMatchObject([
      { revision: second, bytes: 0, otherNames: [theirs.replace("docker.io/", "")] },
      { revision: first, names: [one.reference] },
    ]);
    expect(await ids()).not.toContain(one.imageId);
    expect(await ids()).toContain(two.imageId);
    await tool("rmi", theirs);
    expect(await ids()).not.toContain(two.imageId);
  });

  test("another image with the name is not a hit", async () => {
    const { runtime, commit } = await world.addTemplate(fileTemplate("true"));
    const other = await world.addTemplate(fileTemplate("false"));
    const images = await open();
    const impostor = await images.ensure(other.runtime);
    const reference = `molecule-local/workspace-template-${runtime}:${commit.slice(0, 12)}`;
    await tool("tag", impostor.imageId, `docker.io/${reference}`);
    expect(await images.plan(runtime)).toMatchObject({
      hit: false,
      why: expect.stringContaining("another image"),
    });
    const built = await images.ensure(runtime);
    expect(built).toMatchObject({ cached: false, reference });
    expect(await fileOf(built.imageId, "/app/message.txt")).toBe("true\n");
  });

  test("reports a failing step with its last output, and leaves nothing behind", async () => {
    const { runtime } = await world.addTemplate(templateWith("RUN echo last words; exit 3"));
    const images = await open();
    const failure = await failureOf(images.ensure(runtime));
    expect(failure).toMatchObject({ code: "BUILD_FAILED", source: "buildah", step: "build" });
    expect(failure.message).toBe('build failed at "RUN echo last words; exit 3": exit code 3');
    expect(failure.output).toContain("last words");
    expect(await images.plan(runtime)).toMatchObject({ hit: false });
    expect(await tool("containers", "--quiet")).toBe("");
    expect(await world.partialFiles(runtime)).toEqual([]);
  });

  test("attributes an invalid Dockerfile and a missing file to the template", async () => {
    for (const last of ["FETCH the moon", "COPY absent.txt /"]) {
      const { runtime } = await world.addTemplate({ Dockerfile: `FROM scratch\n${last}\n` });
      expect(await failureOf((await open()).ensure(runtime))).toMatchObject({
        code: "BUILD_FAILED",
        message: expect.stringMatching(/FETCH|absent\.txt/i),
      });
    }
  });

  test("attributes an unavailable base image to the registry", async () => {
    const { runtime } = await world.addTemplate({ Dockerfile: "FROM 127.0.0.1:1/x:y\n" });
    expect(await failureOf((await open()).ensure(runtime))).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("127.0.0.1:1/x:y"),
    });
  });

  test.each(["oci", "chroot"])(
    "a cancelled build leaves nothing behind, with isolation %s",
    async (isolation) => {
      const seconds = 600 + randomInt(100_000);
      const { runtime } = await world.addTemplate(
        templateWith(`RUN echo begun ${isolation}; sleep ${String(seconds)}`),
      );
      const images = await open({ isolation });
      const caller = new AbortController();
      const call = images.ensure(runtime, {
        signal: caller.signal,
        onProgress: (event) => {
          if (event.type === "output" && event.line === `begun ${isolation}`) caller.abort();
        },
      });
      expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
      await images.close();
      const left = async (): Promise<readonly string[]> => {
        const containers = await tool("containers", "--quiet");
        const mounts = await readFile("/proc/self/mountinfo", "utf8");
        return [
          ...(containers === "" ? [] : [containers]),
          ...mounts.split("\n").filter((line) => line.includes(`${storage().directory}/graph/overlay/`)),
          ...(await runningCommands(`sleep ${String(seconds)}`)),
          ...(await world.partialFiles(runtime)),
        ];
      };
      // On a busy machine, buildah is still cleaning up when the call has ended.
      expect(await waitUntilGone(left)).toEqual([]);
      expect(await (await open()).plan(runtime)).toMatchObject({ hit: false });
    },
  );

  test("sends the same context as to engines: .dockerignore by Docker's rules, no .git, fixed modes and times", async () => {
    const { runtime } = await world.addTemplate({
      ...templateWith("RUN cd /app && find . | sort > /list && stat -c '%a %u %g %n' * > /modes"),
      ".dockerignore": "*.log\n!keep.log\nsub/\n",
      ".containerignore": "*\n",
      "a.log": "a",
      "keep.log": "keep",
      "sub/x": "x",
      "tool.sh": { content: Buffer.from("#!/bin/sh\n"), mode: 0o755 },
      link: { link: "/etc/hostname" },
    });
    const { imageId } = await (await open()).ensure(runtime);
    const names = (await fileOf(imageId, "/list")).trim().split("\n");
    expect(names).toEqual(
      [
        ".",
        "./.containerignore",
        "./.dockerignore",
        "./Dockerfile",
        "./busybox",
        "./keep.log",
        "./link",
        "./message.txt",
        "./tool.sh",
      ].sort(),
    );
    expect(await fileOf(imageId, "/modes")).toContain("644 0 0 keep.log\n");
    expect(await fileOf(imageId, "/modes")).toContain("755 0 0 tool.sh\n");
  });

  test("a link out of the tree brings no file of the machine into the image", async () => {
    const { runtime } = await world.addTemplate({
      Dockerfile: "FROM scratch\nCOPY out /out\n",
      out: { link: "/etc/passwd" },
    });
    const images = await open();
    const image = await images.ensure(runtime).catch(() => undefined);
    if (image !== undefined)
      expect(await fileOf(image.imageId, "/out").catch(() => "")).not.toContain("root:x:0:0");
  });

  test("refresh rebuilds the same commit, with the configured target and arguments", async () => {
    const { runtime } = await world.addTemplate({
      ...helloTemplate(),
      Dockerfile:
        'FROM scratch AS dev\nCOPY busybox /bin/busybox\nARG WHO\nRUN ["/bin/busybox", "sh", "-c", "/bin/busybox cat /proc/sys/kernel/random/uuid > /u; echo $WHO > /who"]\nFROM dev\nRUN ["/bin/busybox", "false"]\n',
    });
    const images = await open({ target: "dev", buildArgs: { WHO: "you" } });
    const first = await images.ensure(runtime);
    expect(await fileOf(first.imageId, "/who")).toBe("you\n");
    const again = await images.refresh(runtime);
    expect(again).toMatchObject({ cached: false, reference: first.reference });
    expect(await fileOf(again.imageId, "/u")).not.toBe(await fileOf(first.imageId, "/u"));
  });

  test("builds another platform under its own name, and rejects a base for another platform", async () => {
    const { runtime } = await world.addTemplate(fileTemplate("arm"));
    const arm = await open({}, { MOLECULE_IMAGE_PLATFORM: "linux/arm64" });
    const image = await arm.ensure(runtime);
    expect(image).toMatchObject({ platform: "linux/arm64", reference: expect.stringMatching(/-arm64$/) });
    expect(
      await tool("inspect", "--type", "image", "--format", "{{.OCIv1.Architecture}}", image.imageId),
    ).toBe("arm64");
    await tool("tag", image.imageId, "docker.io/molecule-local/only-arm64:1");
    const other = await world.addTemplate({
      Dockerfile: "FROM docker.io/molecule-local/only-arm64:1\nCOPY . /b\n",
    });
    const refused = await failureOf((await open()).ensure(other.runtime));
    expect(refused.code).toMatch(/^(?:BUILD_FAILED|SOURCE_\w+)$/);
  });

  test("uses buildah's platform as the native one", async () => {
    const { runtime } = await world.addTemplate(fileTemplate("native"));
    const image = await (await open({}, { MOLECULE_IMAGE_PLATFORM: "" })).ensure(runtime);
    expect(image.platform).toMatch(/^linux\/(?:amd64|arm64)/);
  });

  test("the token reaches the forge, but no argument, step, layer or file", async () => {
    world.forge.requireToken(token);
    const { runtime } = await world.addTemplate(
      templateWith(
        "RUN env > /env.txt; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; done > /argv.txt; sleep 1",
      ),
    );
    const seen = new Set<string>();
    const state = { isOver: false };
    // One after the other, because concurrent checks would slow each other down on a busy machine.
    const watching = (async () => {
      while (!state.isOver) {
        await sleep(10);
        for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
          const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
          if (
            command.includes(storage().directory) ||
            command.startsWith("buildah") ||
            /\/buildah\0/.test(command)
          )
            seen.add(command);
        }
      }
    })();
    const proxy = "http://user:proxy-secret@127.0.0.1:9";
    const images = await open({}, { MOLECULE_GITEA_TOKEN: token, HTTPS_PROXY: proxy });
    const image = await images.ensure(runtime).finally(async () => {
      state.isOver = true;
      await watching;
    });
    expect([...seen].some((command) => command.includes("--iidfile"))).toBe(true);
    expect([...seen].join("\n")).not.toContain(token);
    const steps = await fileOf(image.imageId, "/env.txt");
    expect(steps).not.toContain(token);
    expect(steps).not.toContain("proxy-secret");
    expect(JSON.stringify(image) + (await tool("inspect", "--type", "image", image.imageId))).not.toContain(
      token,
    );
  });
});

describeWithBuildah(runner, "into: docker", (storage) => {
  describeWithEngine(runner, "a build with buildah", ({ address }) => {
    const world = useSource(plugin, createImageProvider);

    test("loads the image into the engine, where it is found and runs", async () => {
      const { runtime, commit } = await world.addTemplate(helloTemplate({ message: "handed over" }));
      const open = (): Promise<HostImageProvider> =>
        world.open({ env: { ...storage().env, DOCKER_HOST: address }, options: { into: "docker" } });
      const events: ProgressEvent[] = [];
      const images = await open();
      const built = await images.ensure(runtime, { onProgress: (event) => events.push(event) });
      expect(built).toMatchObject({ engine: { kind: "docker", address }, cached: false, revision: commit });
      expect(await images.engineOf(built).inspectImage(built.reference)).toMatchObject({
        id: built.imageId,
        labels: { "molecule.image.managed-by": "buildah" },
      });
      expect(events.some(({ step, type }) => step === "load" && type === "finished")).toBe(true);
      expect(await (await open()).ensure(runtime)).toMatchObject({ cached: true, imageId: built.imageId });
      expect(await readdir(join(world.directory, "cache", runtime))).toEqual([commit.slice(0, 12)]);
    });
  });
});
