import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@molecule/test-fixtures";
import type { ImageStore } from "@molecule/testkit";

/** A user of a registry. */
export interface RegistryUser {
  readonly user: string;
  readonly password: string;
}

interface Descriptor {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string };
}

/** A manifest or an index, as a registry stores it. */
export interface StoredContent {
  readonly digest: string;
  readonly mediaType: string;
  readonly config?: Descriptor;
  readonly layers?: readonly (Descriptor & { readonly mediaType: string })[];
  readonly manifests?: readonly Descriptor[];
}

/** Reads a registry through its API. */
export interface RegistryReader {
  /** @param name `REPOSITORY:TAG` or `REPOSITORY@DIGEST`; undefined if it does not exist */
  manifest(name: string): Promise<StoredContent | undefined>;
  blob(repository: string, digest: string): Promise<Buffer>;
  /** Every `REPOSITORY:TAG`. */
  names(): Promise<readonly string[]>;
  /** Stores the manifest of one name under another of the same repository. */
  tag(name: string, other: string): Promise<void>;
  remove(name: string): Promise<void>;
}

const mediaTypes = ["image.manifest", "image.index"].map((type) => `application/vnd.oci.${type}.v1+json`);

/** Reads and changes a registry as an operator does. */
export function readRegistry(host: string, login?: RegistryUser): RegistryReader {
  const authorization = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
  const send = (
    path: string,
    init: { method?: string; body?: string; headers?: Readonly<Record<string, string>> } = {},
  ) =>
    fetch(`http://${host}/v2/${path}`, {
      ...init,
      headers: { ...init.headers, ...(authorization === undefined ? {} : { authorization }) },
    });
  const split = (name: string): readonly [repository: string, tag: string] => {
    const at = name.includes("@") ? name.indexOf("@") : name.lastIndexOf(":");
    return [name.slice(0, at), name.slice(at + 1)];
  };
  const path = (name: string): string => split(name).join("/manifests/");
  const get = (name: string): Promise<Response> =>
    send(path(name), {
      headers: {
        accept: [...mediaTypes, "application/vnd.docker.distribution.manifest.v2+json"].join(", "),
      },
    });
  return {
    async manifest(name) {
      const response = await get(name);
      if (response.status === 404) return undefined;
      const digest = response.headers.get("docker-content-digest") ?? "";
      return { ...((await response.json()) as Omit<StoredContent, "digest">), digest };
    },
    async blob(repository, digest) {
      return Buffer.from(await (await send(`${repository}/blobs/${digest}`)).arrayBuffer());
    },
    async names() {
      const { repositories } = (await (await send("_catalog")).json()) as {
        readonly repositories: readonly string[];
      };
      const lists = repositories.map(async (repository) => {
        const { tags } = (await (await send(`${repository}/tags/list`)).json()) as {
          readonly tags?: readonly string[] | null;
        };
        return (tags ?? []).map((tag) => `${repository}:${tag}`);
      });
      return (await Promise.all(lists)).flat();
    },
    async tag(name, other) {
      const response = await get(name);
      const type = response.headers.get("content-type") ?? "";
      const body = await response.text();
      await send(path(other), { method: "PUT", body, headers: { "content-type": type } });
    },
    async remove(name) {
      const digest = (await get(name)).headers.get("docker-content-digest");
      if (digest !== null) await send(`${split(name)[0]}/manifests/${digest}`, { method: "DELETE" });
    },
  };
}

/** The images of a registry for the conformance suite. They run without an engine, in a changed root directory. */
export function registryImages(host: string): ImageStore {
  const reader = readRegistry(host);
  const own = (name: string): string => name.slice(host.length + 1);
  const list: ImageStore["list"] = async () => {
    const named = (await reader.names()).map(async (name) => {
      const config = (await reader.manifest(name))?.config;
      return config === undefined ? [] : [{ name: `${host}/${name}`, imageId: config.digest }];
    });
    return (await Promise.all(named)).flat();
  };
  const nameOf = async (imageId: string): Promise<string> => {
    const name = (await list()).find((one) => one.imageId === imageId)?.name;
    if (name === undefined) throw new Error(`the registry has no image ${imageId}`);
    return own(name);
  };
  return {
    list,
    tag: async (imageId, name) => reader.tag(await nameOf(imageId), own(name)),
    remove: (name) => reader.remove(own(name)),
    print: async (imageId) => runPublished(reader, await nameOf(imageId)),
  };
}

/** Runs an image's command on its unpacked layers, as root; returns what it printed. */
export async function runPublished(reader: RegistryReader, name: string): Promise<string> {
  const run = promisify(execFile);
  const repository = name.replace(/[:@].*$/, "");
  const { config, layers = [] } = (await reader.manifest(name)) ?? {};
  const content = await reader.blob(repository, config?.digest ?? "");
  const { Cmd: command = [] } = (
    JSON.parse(content.toString()) as { readonly config: { readonly Cmd?: readonly string[] } }
  ).config;
  const directory = await temporaryDirectory();
  try {
    const root = join(directory.path, "root");
    await mkdir(root);
    for (const { digest } of layers) {
      const archive = join(directory.path, "layer");
      await writeFile(archive, await reader.blob(repository, digest));
      await run("tar", [
        "--extract",
        "--auto-compress",
        "--gzip",
        `--file=${archive}`,
        `--directory=${root}`,
      ]);
    }
    return (await run("chroot", [root, ...command])).stdout;
  } finally {
    await directory.remove();
  }
}
