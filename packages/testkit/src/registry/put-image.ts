import { createHash } from "node:crypto";
import { tarOf } from "../tar-of.js";

/** An image to put into a registry without an engine. */
export interface PutImageRequest {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly repository: string;
  /** Default: `latest`. */
  readonly tag?: string;
  /** What the one layer holds, by path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly credentials?: { readonly user: string; readonly password: string };
}

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";

/** Puts a small image into a registry, without an engine. Answers its reference. */
export async function putImage(request: PutImageRequest): Promise<string> {
  const { host, repository, tag = "latest", files, credentials } = request;
  const authorization: Record<string, string> =
    credentials === undefined
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`,
        };
  const ask = async (method: string, url: string, body?: Uint8Array, type?: string): Promise<Headers> => {
    const headers = type === undefined ? authorization : { ...authorization, "content-type": type };
    const answer = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    if (!answer.ok)
      throw new Error(`${method} ${url} is answered ${String(answer.status)}: ${await answer.text()}`);
    return answer.headers;
  };
  const base = `http://${host}/v2/${repository}`;
  const upload = async (blob: Uint8Array): Promise<{ size: number; digest: string }> => {
    const place = (await ask("POST", `${base}/blobs/uploads/`)).get("location") ?? "";
    const url = new URL(place, base);
    url.searchParams.set("digest", digestOf(blob));
    await ask("PUT", url.href, blob, "application/octet-stream");
    return { size: blob.length, digest: digestOf(blob) };
  };
  const layer = tarOf(files);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      // buildah counts them with the layers.
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "a test" }],
      rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
    }),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...(await upload(config)) },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar", ...(await upload(layer)) }],
  };
  await ask("PUT", `${base}/manifests/${tag}`, Buffer.from(JSON.stringify(manifest)), manifestType);
  return `${host}/${repository}:${tag}`;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
