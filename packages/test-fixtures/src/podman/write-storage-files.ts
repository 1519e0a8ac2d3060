import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface StorageFilesOptions {
  /** `HOST:PORT` of registries that use plain HTTP. */
  readonly insecureRegistries?: readonly string[];
}

/**
 * Writes a configuration that keeps everything in `directory`, and returns the environment that selects it. It works
 * as root on a machine without systemd: `runc`, cgroups managed by hand, the host's network.
 */
export async function writeStorageFiles(
  directory: string,
  { insecureRegistries = [] }: StorageFilesOptions,
): Promise<Record<string, string>> {
  const below = (...names: readonly string[]): string => join(directory, ...names);
  const user = below(".config", "containers");
  await mkdir(user, { recursive: true });
  for (const name of ["tmp", "runtime"]) await mkdir(below(name), { mode: 0o700 });

  const containersConf = below("containers.conf");
  const storageConf = below("storage.conf");
  await writeFile(
    containersConf,
    toml({
      containers: {
        default_ulimits: ["nofile=20000:20000", "nproc=32768:32768"],
        log_driver: "k8s-file",
        netns: "host",
      },
      engine: {
        runtime: "runc",
        cgroup_manager: "cgroupfs",
        events_logger: "file",
        tmp_dir: below("libpod"),
        image_copy_tmp_dir: below("tmp"),
      },
      network: { network_config_dir: below("networks") },
    }),
  );
  await writeFile(
    storageConf,
    toml({ storage: { driver: "overlay", graphroot: below("graph"), runroot: below("run") } }),
  );
  // These two are read from the home directory, for every user.
  const registries = insecureRegistries.map(
    (host) => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
  );
  await writeFile(
    join(user, "registries.conf"),
    ["unqualified-search-registries = []\n", ...registries].join(""),
  );
  await writeFile(join(user, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}\n');
  return {
    HOME: directory,
    XDG_RUNTIME_DIR: below("runtime"),
    TMPDIR: below("tmp"),
    CONTAINERS_CONF: containersConf,
    CONTAINERS_STORAGE_CONF: storageConf,
  };
}

/** Tables of strings and lists of strings, which JSON writes in the same way as TOML. */
function toml(
  tables: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
): string {
  return Object.entries(tables)
    .flatMap(([name, values]) => [
      `[${name}]`,
      ...Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
    ])
    .join("\n")
    .concat("\n");
}
