import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tokens } from "@molecule/core";
import { createDockerEngine, findEngineEndpoint } from "@molecule/engine";
import { createImageProvider, type HostImageProvider } from "@molecule/host";
import buildah from "@molecule/source-buildah";
import buildkit from "@molecule/source-buildkit";
import giteaLocalBuild from "@molecule/source-gitea-local-build";
import podman from "@molecule/source-podman";
import type { Buildkitd } from "@molecule/test-fixtures";
import { helloTemplate, type Forge, type TemplateFiles } from "@molecule/testkit";
import { container } from "tsyringe";

/** `buildkit` is the one in the engine, `buildkitd` one outside of it. */
export const builders = ["classic", "buildkit", "buildkitd", "podman", "buildah"] as const;
export type BuilderName = (typeof builders)[number];

/** Where the builders find the tools that they need, and templates. */
export interface BuilderWorld {
  readonly forge: Forge;
  /** For configuration and caches. */
  readonly directory: string;
  readonly dockerAddress: string;
  readonly podmanAddress: string;
  readonly buildkitd: Pick<Buildkitd, "address" | "programs">;
  /** The environment of buildah's storage. */
  readonly buildahEnv: Readonly<Record<string, string>>;
}

const plugins = {
  classic: giteaLocalBuild,
  buildkit: giteaLocalBuild,
  buildkitd: buildkit,
  podman,
  buildah,
};

/** Returns the source that builds with this builder, as users have it. */
export async function openBuilder(
  builder: BuilderName,
  { forge, directory, dockerAddress, podmanAddress, buildkitd, buildahEnv }: BuilderWorld,
  runtime: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<HostImageProvider> {
  const plugin = plugins[builder];
  const own = container.createChildContainer();
  if (builder === "classic" || builder === "buildkit") {
    const env = { DOCKER_HOST: dockerAddress };
    const engine = createDockerEngine(() => findEngineEndpoint({ env, home: "/nonexistent" }), { builder });
    own.register(tokens.engine, { useValue: engine });
  }
  const addr = builder === "buildkitd" ? { addr: buildkitd.address } : {};
  const config = join(directory, `${randomBytes(5).toString("hex")}.json`);
  await writeFile(
    config,
    JSON.stringify({
      sources: { local: plugin.name },
      runtimes: { add: [runtime] },
      options: { [plugin.name]: { repoPrefix: forge.repoPrefix(), ...addr, ...options } },
    }),
  );
  return createImageProvider({
    cwd: directory,
    env: {
      ...buildahEnv,
      PATH: `${buildkitd.programs}:${process.env.PATH ?? ""}`,
      HOME: directory,
      DOCKER_HOST: dockerAddress,
      CONTAINER_HOST: podmanAddress,
      // Some of them share an engine, where an image from one would be a hit for the other.
      MOLECULE_LOCAL_IMAGE_ISOLATION: builder,
      MOLECULE_LOCAL_BUILD_CACHE: join(directory, `cache-${builder}`),
    },
    plugins: [plugin],
    config,
    container: own,
  });
}

/** Returns what a build step printed between two marker lines. */
export async function printedBy(images: HostImageProvider, runtime: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await images.ensure(runtime, {
    onProgress: (event) => {
      if (event.type === "output") lines.push(event.line);
    },
  });
  const [from, to] = [lines.lastIndexOf("<<"), lines.lastIndexOf(">>")];
  if (from === -1 || to < from) throw new Error(`the step printed nothing:\n${lines.join("\n")}`);
  return lines.slice(from + 1, to);
}

const list = [
  "b=/bin/busybox",
  "cd /app",
  "echo '<<'",
  `$b find . | $b sort | while read -r f; do
    if [ -L "$f" ]; then echo "$f -> $($b readlink "$f")"
    elif [ -d "$f" ]; then $b stat -c '%n %A %u %g' "$f"
    else echo "$($b stat -c '%n %A %u %g %s %Y' "$f") $($b md5sum < "$f")"; fi
  done`,
  "echo '>>'",
].join("; ");

/** Prints the contents of the context; never cached. */
export function listingDockerfile(): string {
  const script = `: ${randomBytes(8).toString("hex")}; ${list}`;
  return `FROM scratch
COPY tools/busybox /bin/busybox
COPY . /app
RUN ["/bin/busybox", "sh", "-c", ${JSON.stringify(script)}]
`;
}

/** The files that {@link listingDockerfile} needs in the context. */
export function toolFiles(): TemplateFiles {
  const { busybox } = helloTemplate();
  if (busybox === undefined) throw new TypeError("the template has no busybox");
  return { "tools/busybox": busybox };
}
