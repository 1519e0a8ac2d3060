// The registry mode: pulls an image that does not exist locally.
import { join } from "node:path";
import { startRegistry } from "@molecule/test-fixtures";
import { pushImage, removeImage } from "../../scripts/demo/engine-api.mjs";
import { run } from "../program.mjs";
import { templates } from "../templates.mjs";

export const pull = {
  name: "pull",
  title: "A pull from a local registry, as a whole process",
  rounds: 5,
  ours: "molecule-image ensure",
  targets: [{ of: "molecule-image ensure", against: "docker pull", atMost: undefined }],
  async contenders(stage, peers) {
    await stage.serve("tiny");
    const registry = await stage.opened(startRegistry(), (started) => started.stop());
    const repository = `${registry.host}/acme/workspace-template-${templates.tiny.runtime}`;
    const { address } = stage.engine;
    const local = (await stage.ensure("tiny")).trim();
    await pushImage(address, local, repository);
    // Layers stay for as long as any image uses them.
    await stage.clean();
    const before = () => removeImage(address, `${repository}:latest`);
    const env = { ...stage.env, MOLECULE_IMAGE_REGISTRY: `${registry.host}/acme` };
    const storageEnv = { ...env, ...(await stage.storage()) };
    const into = await stage.directory();
    const quiet = async (file, args, environment = env) =>
      void (await run(file, args, { env: environment, signal: stage.signal }));
    let copies = 0;
    return [
      { name: "molecule-image ensure", before, run: async () => void (await stage.ensure("tiny", env)) },
      {
        name: "docker pull",
        missing: peers.docker.missing,
        before,
        run: () => quiet(peers.docker.file, ["pull", "-q", `${repository}:latest`]),
      },
      {
        name: "podman pull",
        missing: peers.podman.missing,
        before: () =>
          run(peers.podman.file, ["rmi", "--all", "--force"], { env: storageEnv }).catch(() => undefined),
        run: () =>
          quiet(peers.podman.file, ["pull", "-q", "--tls-verify=false", `${repository}:latest`], storageEnv),
      },
      {
        name: "skopeo copy to a directory",
        missing: peers.skopeo.missing,
        run: () => {
          copies += 1;
          const target = `dir:${join(into, String(copies))}`;
          return quiet(peers.skopeo.file, [
            "copy",
            "-q",
            "--src-tls-verify=false",
            `docker://${repository}:latest`,
            target,
          ]);
        },
      },
    ];
  },
};
