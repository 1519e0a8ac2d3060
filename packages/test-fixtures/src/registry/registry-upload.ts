import { createHash } from "node:crypto";

/** A registry repository that blobs and manifests can be uploaded to, without an engine. */
export interface UploadPlace {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly repository: string;
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** A blob or manifest in a registry. */
export interface Stored {
  readonly size: number;
  readonly digest: string;
}

/** Uploads to one repository. Rejects if the registry refuses. */
export interface RegistryUpload {
  blob(content: Uint8Array): Promise<Stored>;
  /** @param name a tag; default: the manifest's own digest */
  manifest(
    manifest: Readonly<Record<string, unknown>> & { readonly mediaType: string },
    name?: string,
  ): Promise<Stored>;
}

export function registryUpload({ host, repository, credentials }: UploadPlace): RegistryUpload {
  const base = `http://${host}/v2/${repository}`;
  const authorization: Record<string, string> =
    credentials === undefined
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`,
        };
  const send = async (method: string, url: string, body?: Uint8Array, type?: string): Promise<Headers> => {
    const response = await fetch(url, {
      method,
      headers: type === undefined ? authorization : { ...authorization, "content-type": type },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${url}: ${String(response.status)} ${await response.text()}`);
    return response.headers;
  };
  return {
    async blob(content) {
      const place = (await send("POST", `${base}/blobs/uploads/`)).get("location") ?? "";
      const url = new URL(place, base);
      url.searchParams.set("digest", digestOf(content));
      await send("PUT", url.href, content, "application/octet-stream");
      return { size: content.length, digest: digestOf(content) };
    },
    async manifest(manifest, name) {
      const content = Buffer.from(JSON.stringify(manifest));
      const digest = digestOf(content);
      await send("PUT", `${base}/manifests/${name ?? digest}`, content, manifest.mediaType);
      return { size: content.length, digest };
    },
  };
}

/** `sha256:` and 64 hex digits. */
export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
