import { registryUpload } from "../registry/registry-upload.js";

/** A shared build in a registry. */
export interface StoredBuild {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

interface Manifest {
  readonly mediaType: string;
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

const accept = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
].join(", ");

/** Returns the only shared build of a repository; undefined if there is none. */
export async function sharedBuildIn(host: string, repository: string): Promise<StoredBuild | undefined> {
  const url = `http://${host}/v2/${repository}`;
  const list = await fetch(`${url}/tags/list`);
  if (list.status === 404) return undefined;
  const { tags } = (await list.json()) as { readonly tags: readonly string[] };
  // The signatures have tags too.
  const [tag, ...others] = tags.filter((one) => one.startsWith("bk-"));
  if (tag === undefined || others.length > 0)
    throw new Error(`${repository} has the tags ${tags.join(", ")}`);
  const { headers } = await read(`${url}/manifests/${tag}`);
  return { host, repository, tag, digest: headers.get("docker-content-digest") ?? "" };
}

/** Copies a shared build to another repository. */
export async function copyBuild(build: StoredBuild, repository: string): Promise<void> {
  const { manifest, url } = await readManifest(build);
  const upload = registryUpload({ host: build.host, repository });
  for (const { digest } of [manifest.config, ...manifest.layers])
    await upload.blob(new Uint8Array(await (await read(`${url}/blobs/${digest}`)).arrayBuffer()));
  const response = await read(`${url}/manifests/${build.digest}`);
  const body = await response.arrayBuffer();
  const target = `http://${build.host}/v2/${repository}/manifests/${build.tag}`;
  const put = await fetch(target, { method: "PUT", headers: { "content-type": manifest.mediaType }, body });
  if (!put.ok) throw new Error(`${target}: ${String(put.status)}`);
}

/** Moves the tag of a shared build to another image with the same labels, and returns that image. */
export async function replaceBuild(build: StoredBuild): Promise<StoredBuild> {
  const { manifest, url } = await readManifest(build);
  const blob = await read(`${url}/blobs/${manifest.config.digest}`);
  const config = (await blob.json()) as { readonly config: Readonly<Record<string, unknown>> };
  const changed = { ...config, config: { ...config.config, Env: ["IMPOSTOR=yes"] } };
  const upload = registryUpload(build);
  const stored = await upload.blob(Buffer.from(JSON.stringify(changed)));
  const { digest } = await upload.manifest(
    { ...manifest, config: { ...manifest.config, ...stored } },
    build.tag,
  );
  return { ...build, digest };
}

async function readManifest({
  host,
  repository,
  digest,
}: StoredBuild): Promise<{ readonly url: string; readonly manifest: Manifest }> {
  const url = `http://${host}/v2/${repository}`;
  return { url, manifest: (await (await read(`${url}/manifests/${digest}`)).json()) as Manifest };
}

async function read(url: string): Promise<Response> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
  return response;
}
