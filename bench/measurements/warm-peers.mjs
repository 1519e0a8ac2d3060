// How long other tools take when nothing has changed, with the same template.
import { fileURLToPath } from "node:url";
import { run } from "../program.mjs";
import { serveHit } from "./warm.mjs";

const withTestcontainers = fileURLToPath(new URL("../children/with-testcontainers.mjs", import.meta.url));
const ours = "molecule-image ensure";

export const warmPeers = {
  name: "warm-peers",
  title: "Hit: other tools as whole processes, with the same template",
  rounds: 5,
  targets: [
    "docker build <git url>, BuildKit",
    "docker build <git url>, classic",
    "docker build <dir>, BuildKit",
    "docker build <dir>, classic",
    "testcontainers fromDockerfile",
    "testcontainers fromDockerfile, 8 concurrent",
    "podman build <dir>",
    "buildah bud <dir>",
  ].map((against) => ({ of: ours, against, atMost: 1 })),
  async contenders(stage, peers) {
    const { env } = await serveHit(stage, "tiny");
    const directory = await stage.directory();
    const sha = (await stage.forge.git("hermes", ["rev-parse", "main"])).trim();
    await stage.fetch("tiny", sha, directory);
    const git = `${stage.url("tiny")}#main`;
    const quiet = async (file, args, extra = {}) =>
      void (await run(file, args, { env: { ...env, ...extra }, cwd: directory, signal: stage.signal }));

    const docker = (what, place, builder) => ({
      name: `docker build ${what}, ${builder === "1" ? "BuildKit" : "classic"}`,
      missing: peers.docker.missing,
      run: () =>
        quiet(peers.docker.file, ["build", "-q", "-t", `peer-${builder}`, place], {
          DOCKER_BUILDKIT: builder,
        }),
    });
    const testcontainers = (name, times) => ({
      name,
      missing: peers.testcontainers.missing,
      run: () =>
        quiet(process.execPath, [withTestcontainers, directory, "peer-testcontainers", times], {
          TESTCONTAINERS_RYUK_DISABLED: "true",
        }),
    });
    const daemonless = async (peer, name, verb) => {
      const storage = await stage.storage();
      const args = [...verb, "--isolation", "chroot", "-q", "-t", "peer", directory];
      return { name, missing: peers[peer].missing, run: () => quiet(peers[peer].file, args, storage) };
    };
    return [
      { name: ours, run: async () => void (await stage.ensure("tiny", env)) },
      docker("<git url>", git, "1"),
      docker("<git url>", git, "0"),
      docker("<dir>", directory, "1"),
      docker("<dir>", directory, "0"),
      testcontainers("testcontainers fromDockerfile", "1"),
      testcontainers("testcontainers fromDockerfile, 8 concurrent", "8"),
      await daemonless("podman", "podman build <dir>", ["build"]),
      await daemonless("buildah", "buildah bud <dir>", ["bud", "--layers"]),
    ];
  },
};
