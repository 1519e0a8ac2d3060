import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as runner from "@jest/globals";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  describeWithBuildah,
  describeWithBuildkit,
  describeWithEngine,
  describeWithPodman,
  temporaryDirectory,
  type TemporaryDirectory,
} from "@molecule/test-fixtures";
import { failureOf } from "@molecule/test-fixtures/source";
import { startForge, type Forge, type TemplateFiles } from "@molecule/testkit";
import {
  builders,
  listingDockerfile,
  openBuilder,
  printedBy,
  toolFiles,
  type BuilderName,
  type BuilderWorld,
} from "./every-builder.js";

/*
 * One build key means one content, whichever builder runs: every builder builds each template, and a step prints the
 * names, modes, owners, times and contents of the files it received.
 */

/** Programs parse some of their arguments as CSV, as `key=value`, or as colon-separated lists. */
const oddName = `a,b "c" 'd':e=f %41\n$g \\h ü`;

describeWithBuildah(runner, "every builder", (storage) => {
  describeWithPodman(runner, "with Podman", (podman) => {
    describeWithBuildkit(runner, "with BuildKit", (buildkitd) => {
      describeWithEngine({ describe, test }, "with an engine", ({ address }) => {
        let forge: Forge;
        let temporary: TemporaryDirectory;
        let directory: string;
        beforeAll(async () => {
          [forge, temporary] = await Promise.all([startForge(), temporaryDirectory()]);
          directory = join(temporary.path, oddName);
          await mkdir(directory);
        });
        afterAll(async () => {
          await forge.stop();
          await temporary.remove();
        });
        const world = (): BuilderWorld => ({
          forge,
          directory,
          dockerAddress: address,
          podmanAddress: podman().address,
          buildkitd: buildkitd(),
          buildahEnv: storage().env,
        });
        const add = async (files: TemplateFiles): Promise<string> => {
          const runtime = `t${randomBytes(5).toString("hex")}`;
          await forge.addTemplate(runtime, files);
          return runtime;
        };
        const printed = async (
          builder: BuilderName,
          runtime: string,
          options: Readonly<Record<string, unknown>> = {},
        ): Promise<readonly string[]> => {
          const images = await openBuilder(builder, world(), runtime, options);
          try {
            return await printedBy(images, runtime);
          } finally {
            await images.close();
          }
        };
        const failure = async (builder: BuilderName, runtime: string): ReturnType<typeof failureOf> => {
          const images = await openBuilder(builder, world(), runtime);
          try {
            return await failureOf(images.ensure(runtime));
          } finally {
            await images.close();
          }
        };
        /** Returns the paths of the context as each builder has them. Throws if they differ in any way. */
        const context = async (
          files: TemplateFiles,
          dockerfile = "Dockerfile",
        ): Promise<readonly string[]> => {
          const runtime = await add({ ...toolFiles(), ...files });
          const seen: (readonly string[])[] = [];
          for (const builder of builders) {
            const lines = await printed(builder, runtime, { dockerfile });
            expect([builder, ...lines]).toEqual([builder, ...(seen[0] ?? lines)]);
            seen.push(lines);
          }
          return (seen[0] ?? [])
            .map((line) => line.split(" ", 1)[0]?.replace(/^\.\/?/, "") ?? "")
            .filter((path) => path !== "" && !path.startsWith("tools"));
        };

        test("give the steps of an unusual template the same files, modes, owners, times and links", async () => {
          const paths = await context({
            Dockerfile: listingDockerfile(),
            ".dockerignore":
              "# all but\n*\n!tools\n!kept\n!sub/deep/**/*.txt\n!links\n!ü\n!-dash\n!#hash\n  !blank \nkept/not\n",
            "kept/yes": "1",
            "kept/not": "2",
            "kept/run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
            "sub/deep/a/b/c.txt": "3",
            "sub/deep/a/b/c.log": "4",
            "sub/other": "5",
            "links/absolute": { link: "/etc/hostname" },
            "links/inside": { link: "../kept/yes" },
            "links/dangling": { link: "nowhere" },
            "links/to-directory": { link: "../kept" },
            "ü/ñ.txt": "6",
            "-dash": "7",
            "#hash": "8",
            blank: "9",
            ".gitignore": "x",
            ".containerignore": "kept\n",
          });
          expect(paths).toEqual(
            [
              ...["#hash", "-dash", "blank", "kept", "kept/run.sh", "kept/yes"],
              ...["links", "links/absolute", "links/dangling", "links/inside", "links/to-directory"],
              ...["sub", "sub/deep", "sub/deep/a", "sub/deep/a/b", "sub/deep/a/b/c.txt", "ü", "ü/ñ.txt"],
            ].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
          );
        });

        test("leave out what .dockerignore lists, whatever a .containerignore lists", async () => {
          const paths = await context({
            Dockerfile: listingDockerfile(),
            ".containerignore": "need\nDockerfile\n",
            ".dockerignore": "secret\n",
            need: "1",
            secret: "2",
          });
          expect(paths).toEqual([".containerignore", ".dockerignore", "Dockerfile", "need"]);
        });

        test.each([
          ["Dockerfile and .dockerignore", "Dockerfile\n.dockerignore\nsecret\n", [] as string[]],
          ["the Dockerfile", "Dockerfile\nsecret\n", [".dockerignore"]],
          [".dockerignore", ".dockerignore\nsecret\n", ["Dockerfile"]],
        ])("leave out an ignored %s", async (_what, ignored, left) => {
          const files = { Dockerfile: listingDockerfile(), need: "1", secret: "2" };
          expect(await context({ ...files, ".dockerignore": ignored })).toEqual([...left, "need"]);
        });

        test("leave no trace of an ignored directory that contains the Dockerfile", async () => {
          const files = { "docker/Dockerfile": listingDockerfile(), "docker/x": "1", need: "2" };
          expect(await context({ ...files, ".dockerignore": "docker\n" }, "docker/Dockerfile")).toEqual([
            ".dockerignore",
            "need",
          ]);
          const own = { ...files, "docker/Dockerfile.dockerignore": "docker\n" };
          expect(await context(own, "docker/Dockerfile")).toEqual(["need"]);
        });

        test("follow a .dockerignore that is a link, and ignore a dangling one", async () => {
          const files = {
            Dockerfile: listingDockerfile(),
            ".dockerignore": { link: ".gitignore" },
            need: "1",
          };
          expect(await context({ ...files, ".gitignore": "secret\n", secret: "2" })).toEqual([
            ".dockerignore",
            ".gitignore",
            "Dockerfile",
            "need",
          ]);
          expect(await context({ ...files, secret: "2" })).toEqual([
            ".dockerignore",
            "Dockerfile",
            "need",
            "secret",
          ]);
        });

        test("use the ignore file beside the Dockerfile's path, not beside a link's target", async () => {
          const paths = await context({
            Dockerfile: { link: "docker/Dockerfile" },
            "docker/Dockerfile": listingDockerfile(),
            "Dockerfile.dockerignore": "secret\n",
            "docker/Dockerfile.dockerignore": "need\n",
            ".dockerignore": "[\n",
            need: "1",
            secret: "2",
          });
          expect(paths).toEqual([
            ".dockerignore",
            "Dockerfile",
            "Dockerfile.dockerignore",
            "docker",
            "docker/Dockerfile",
            "docker/Dockerfile.dockerignore",
            "need",
          ]);
        });

        test.each(['a,b "c" ü', "Dockerfile.in", '["x"]'])(
          "build from a Dockerfile called %s, and apply none of Podman's ignore files",
          async (dockerfile) => {
            const files = {
              ".containerignore": "need\n",
              [`${dockerfile}.containerignore`]: "*\n",
              need: "1",
            };
            expect(await context({ ...files, [dockerfile]: listingDockerfile() }, dockerfile)).toHaveLength(
              4,
            );
          },
        );

        test.each(builders)(
          "%s passes the commit's version to a Dockerfile that declares it",
          async (builder) => {
            const dockerfile = `FROM scratch
COPY busybox /bin/busybox
ARG RUNTIME_VERSION=unset
RUN ["/bin/busybox", "sh", "-c", ": ${randomBytes(8).toString("hex")}; echo '<<'; echo $RUNTIME_VERSION; echo '>>'"]
`;
            const { "tools/busybox": busybox = "" } = toolFiles();
            const runtime = await add({
              Dockerfile: dockerfile,
              busybox,
              ".runtime-version": "runtime@v1.0\n",
            });
            const version = (options = {}): Promise<readonly string[]> => printed(builder, runtime, options);
            expect(await version()).toEqual(["1.0"]);
            await forge.commit(runtime, { ".runtime-version": "2.0\n" });
            expect(await version()).toEqual(["2.0"]);
            expect(await version({ buildArgs: { RUNTIME_VERSION: "3.0" } })).toEqual(["3.0"]);
            expect(await version({ buildArgsFrom: {} })).toEqual(["unset"]);
          },
        );

        test.each([
          ["buildah", { into: "docker" }],
          ["buildkitd", {}],
        ] as const)("%s reads a secret's file, and passes the image to the engine", async (builder, into) => {
          const file = join(directory, "secret, of 'a' file");
          await writeFile(file, "42");
          const dockerfile = `FROM scratch
COPY tools/busybox /bin/busybox
RUN --mount=type=secret,id=key ["/bin/busybox", "sh", "-c", "echo '<<'; /bin/busybox md5sum < /run/secrets/key; echo '>>'"]
`;
          const runtime = await add({ ...toolFiles(), Dockerfile: dockerfile });
          const options = { ...into, secrets: { key: { file } } };
          expect(await printed(builder, runtime, options)).toEqual(["a1d0c6e83f027327d8461063f4ac58a6  -"]);
        });

        test("never get a file without FROM", async () => {
          const runtime = await add({ Dockerfile: "ARG VERSION=1\n" });
          for (const builder of builders)
            expect(await failure(builder, runtime)).toMatchObject({
              code: "TEMPLATE_INVALID",
              message: expect.stringContaining("has no FROM"),
            });
        });

        test("keep a link out of the context, or name it if Podman does not support it", async () => {
          const files = { Dockerfile: listingDockerfile(), "sub/up": { link: "../../../x" } };
          const runtime = await add({ ...toolFiles(), ...files });
          for (const builder of ["classic", "buildkit", "buildkitd", "buildah"] as const)
            expect(await printed(builder, runtime)).toContain("./sub/up -> ../../../x");
          expect(await failure("podman", runtime)).toMatchObject({
            code: "TEMPLATE_INVALID",
            message: expect.stringContaining('"sub/up"'),
          });
        });
      });
    });
  });
});
