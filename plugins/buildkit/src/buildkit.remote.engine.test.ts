import { execFile } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import * as runner from "@jest/globals";
import { describe, expect, test } from "@jest/globals";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import {
  describeWithBuildkit,
  describeWithEngine,
  startBuildkitContainer,
  runningCommands,
  startForSuite,
  waitUntilGone,
} from "@molecule/test-fixtures";
import { failureOf, templateWith, useSource } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { orderFor } from "./choose-builder.js";
import plugin from "./index.js";

describeWithBuildkit(runner, "BuildKit", (buildkit) => {
  describeWithEngine(runner, "that a program reaches", ({ address }) => {
    const world = useSource(plugin, createImageProvider);
    const open = (
      addr: string | readonly string[],
      env: Readonly<Record<string, string>> = {},
    ): Promise<HostImageProvider> =>
      world.open({
        env: { PATH: `${buildkit().programs}:${process.env.PATH ?? ""}`, DOCKER_HOST: address, ...env },
        options: { addr },
      });
    const failure = async (addr: string, env = {}): ReturnType<typeof failureOf> => {
      const { runtime } = await world.addTemplate(helloTemplate());
      return failureOf((await open(addr, env)).ensure(runtime));
    };
    /** A new directory for PATH with what a build needs, and these scripts. */
    const programs = async (name: string, scripts: Readonly<Record<string, string>>): Promise<string> => {
      const directory = join(world.directory, name);
      await mkdir(directory);
      const { stdout } = await promisify(execFile)("which", ["git", "setsid"]);
      const found = [...stdout.trim().split("\n"), join(buildkit().programs, "buildctl")];
      await Promise.all(found.map((file) => symlink(file, join(directory, basename(file)))));
      for (const [file, script] of Object.entries(scripts))
        await writeFile(join(directory, file), script, { mode: 0o755 });
      return directory;
    };

    describe("docker exec", () => {
      const container = startForSuite(runner, () => startBuildkitContainer({ address }));
      const own = (): string => `docker-container://${container().name}`;

      test("builds in a container, and finds the image again", async () => {
        const { runtime, commit } = await world.addTemplate(templateWith("RUN echo built in a container"));
        const lines: string[] = [];
        const built = await (
          await open(own())
        ).ensure(runtime, {
          onProgress: (event) => {
            if (event.type === "output") lines.push(event.line);
          },
        });
        expect(built).toMatchObject({ revision: commit, engine: { kind: "docker", address }, cached: false });
        expect(lines).toContain("built in a container");
        expect(await (await open(own())).ensure(runtime)).toMatchObject({
          cached: true,
        });
      });

      test("a cancelled build ends in the container", async () => {
        const seconds = String(600 + randomInt(100_000));
        const { runtime } = await world.addTemplate(templateWith(`RUN echo begun; sleep ${seconds}`));
        const caller = new AbortController();
        const call = (await open(own())).ensure(runtime, {
          signal: caller.signal,
          onProgress: (event) => {
            if (event.type === "output" && event.line === "begun") caller.abort();
          },
        });
        expect(await failureOf(call)).toMatchObject({ code: "CANCELLED" });
        expect(await waitUntilGone(() => runningCommands(`sleep ${seconds}`))).toEqual([]);
      });

      test("reports an absent and a stopped container in the words of the engine", async () => {
        const absent = await failure("docker-container://absent");
        expect(absent).toMatchObject({
          code: "ENGINE_UNAVAILABLE",
          message: expect.stringMatching(
            /docker-container:\/\/absent cannot be reached: .*No such container: absent$/,
          ),
          hint: expect.stringContaining(
            "`docker exec -i absent buildctl debug workers` with DOCKER_HOST set",
          ),
        });
        const stopped = `${container().name}-stopped`;
        await container().docker("create", "--name", stopped, container().name, "/buildkitd");
        const { message } = await failure(`docker-container://${stopped}`);
        await container().docker("rm", stopped);
        expect(message).toMatch(/is not running$/);
      });

      test("does not follow a context of the docker CLI, which a build would not", async () => {
        const docker = join(world.directory, ".docker");
        const context = join(docker, "contexts/meta", createHash("sha256").update("ours").digest("hex"));
        await mkdir(context, { recursive: true });
        const facts = { Name: "ours", Endpoints: { docker: { Host: address } } };
        await writeFile(join(context, "meta.json"), JSON.stringify(facts));
        await writeFile(join(docker, "config.json"), JSON.stringify({ currentContext: "ours" }));
        const failed = await failure(own(), { DOCKER_HOST: "" });
        await rm(docker, { recursive: true });
        expect(failed).toMatchObject({
          code: "ENGINE_UNAVAILABLE",
          message: expect.stringMatching(
            /cannot be reached: .*(?:Cannot connect to the Docker daemon|No such container)/,
          ),
          hint: expect.stringContaining("DOCKER_HOST"),
        });
      });
    });

    test("a container that is killed during a build is replaced by the next builder", async () => {
      const container = await startBuildkitContainer({ address });
      try {
        const addr = [`docker-container://${container.name}`, buildkit().address];
        let runtime: string;
        do {
          ({ runtime } = await world.addTemplate(templateWith("RUN echo begun; sleep 5")));
        } while (orderFor(runtime, addr)[0] === buildkit().address);
        const lines: string[] = [];
        let killed: Promise<unknown> | undefined;
        const images = await open(addr);
        const built = await images.ensure(runtime, {
          onProgress: (event) => {
            if (event.type !== "output") return;
            lines.push(event.line);
            if (event.line === "begun") killed ??= container.docker("kill", container.name);
          },
        });
        await killed;
        expect(built).toMatchObject({ cached: false });
        expect(lines.filter((line) => line === "begun")).toHaveLength(2);
      } finally {
        await container.stop();
      }
    });

    test("reports a missing docker CLI", async () => {
      expect(await failure("docker-container://x", { PATH: await programs("no-docker", {}) })).toMatchObject({
        code: "TOOL_MISSING",
        message: expect.stringMatching(/^docker is not in PATH; .*docker-container:\/\/x$/),
        hint: expect.stringMatching(/^Install docker, or set `addr`/),
      });
    });

    describe("kubectl exec", () => {
      /**
       * Runs the command of `kubectl --context=C --namespace=N exec --container=C -i POD -- COMMAND`, as a pod would.
       */
      const kubectl = () => `#!/bin/sh
[ "$KUBECONFIG" = /cluster.yaml ] || { echo "no configuration has been provided" >&2; exit 1; }
[ "$2 $5 $6 $7" = "--namespace=ci -i builder-0 --" ] ||
  { echo "Error from server (NotFound): pods \\"$6\\" not found" >&2; exit 1; }
shift 7
BUILDKIT_HOST=${buildkit().address} exec "$@"
`;
      const env = async (name: string): Promise<Record<string, string>> => ({
        PATH: await programs(name, { kubectl: kubectl() }),
        KUBECONFIG: "/cluster.yaml",
      });

      test("builds in a pod", async () => {
        const { runtime, commit } = await world.addTemplate(templateWith("RUN echo built in a pod"));
        const images = await open("kube-pod://builder-0?namespace=ci", await env("kubectl"));
        expect(await images.ensure(runtime)).toMatchObject({ revision: commit, cached: false });
      });

      test("reports a pod that does not exist, and how to look for it", async () => {
        expect(await failure("kube-pod://builder-9?namespace=ci", await env("no-pod"))).toMatchObject({
          code: "ENGINE_UNAVAILABLE",
          message: expect.stringMatching(/cannot be reached: .*pods "builder-9" not found$/),
          hint: expect.stringContaining(
            "--namespace=ci exec --container= -i builder-9 -- buildctl debug workers`",
          ),
        });
      });

      test("reports a missing kubectl", async () => {
        const PATH = await programs("no-kubectl", {});
        expect(await failure("kube-pod://builder-0", { PATH })).toMatchObject({
          code: "TOOL_MISSING",
          message: expect.stringMatching(/^kubectl is not in PATH; /),
        });
      });
    });
  });
});
