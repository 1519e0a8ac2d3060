import type { RegistryAccess } from "./registry-access.js";
import { createHash } from "node:crypto";
import { ImageSourceError, parseImageReference, type PlatformParts } from "@molecule/core";
import { boundedGet, type BoundedResponse } from "@molecule/node-edges";
import { fieldsOf, textOf, type Fields } from "../connection/json-fields.js";
import { authorization } from "./authorization.js";

/** A manifest as stored in a registry. */
export interface RegistryManifest {
  readonly digest: string;
  /** The images that an index lists, without attestations; empty for the manifest of a single image. */
  readonly images: readonly ListedManifest[];
  /** The digest of the configuration for the manifest of a single image; else empty. */
  readonly config: string;
}

export interface ListedManifest {
  readonly digest: string;
  readonly platform: PlatformParts;
}

const accepted = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Registries accept manifests of up to 4 MiB. */
const bounds = { maxBytes: 4 * 1024 * 1024, deadlineMs: 30_000 };

/**
 * Requests the manifest of a reference from a registry, without the engine. Sends credentials only when the registry
 * requests them. Rejects with `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_MALFORMED`, and with
 * `SOURCE_MISMATCH` if the manifest has another digest than the reference.
 */
export async function readManifest(reference: string, access: RegistryAccess): Promise<RegistryManifest> {
  const { registry, repository, tag, digest } = parseImageReference(reference);
  const path = `/v2/${repository}/manifests/${digest ?? tag ?? "latest"}`;
  const response = await firstResponse(`${hostOf(registry)}${path}`, access);
  if (response.status !== 200) throw refused(reference, response);
  const found = `sha256:${createHash("sha256").update(response.body).digest("hex")}`;
  if (digest?.startsWith("sha256:") === true && digest !== found)
    throw problem(
      "SOURCE_MISMATCH",
      `the registry's manifest of ${reference} has the digest ${found}`,
      contentHint,
    );
  const manifest = fieldsOf(parsed(reference, response.body));
  return { digest: found, images: imagesOf(manifest), config: textOf(fieldsOf(manifest.config).digest) };
}

/** Docker Hub's registry has a different host than its image names. */
function hostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}

async function firstResponse(place: string, access: RegistryAccess): Promise<BoundedResponse> {
  const { fetch, signal, schemes } = access;
  let failure: unknown;
  for (const scheme of schemes) {
    const url = `${scheme}://${place}`;
    const get = (more: Readonly<Record<string, string>>): Promise<BoundedResponse> =>
      boundedGet(fetch, url, { ...bounds, headers: { accept: accepted, ...more }, signal });
    try {
      const first = await get({});
      // A TLS server's response to plain http.
      if (first.status === 400 && scheme === "http") continue;
      const header = first.status === 401 ? await authorization(first, access) : undefined;
      return header === undefined ? first : await get({ authorization: header });
    } catch (error) {
      signal.throwIfAborted();
      failure ??= error;
    }
  }
  throw failure ?? problem("SOURCE_UNREACHABLE", `${place} cannot be reached over ${schemes.join(" or ")}`);
}

function refused(reference: string, { status, url }: BoundedResponse): ImageSourceError {
  const message = `${reference}: ${url} returned ${String(status)}`;
  if (status === 401 || status === 403) return problem("SOURCE_DENIED", message);
  if (status === 404)
    return problem("SOURCE_NOT_FOUND", message, "Check the path and the tag, or push the image.");
  return problem("SOURCE_UNREACHABLE", message, "Retry; if the error persists, check the registry's log.");
}

const contentHint = "Check that a registry serves this address, and that no proxy changes its responses.";

function problem(
  code: ImageSourceError["code"],
  message: string,
  hint = "Check that this machine can reach the registry.",
): ImageSourceError {
  return new ImageSourceError({ code, message, hint });
}

function parsed(reference: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw problem("SOURCE_MALFORMED", `the registry's manifest of ${reference} is not JSON`, contentHint);
  }
}

function imagesOf({ manifests }: Fields): readonly ListedManifest[] {
  if (!Array.isArray(manifests)) return [];
  return manifests.map(fieldsOf).flatMap(({ digest, platform }) => {
    const { os, architecture, variant } = fieldsOf(platform);
    const parts = { os: textOf(os), architecture: textOf(architecture), variant: textOf(variant) };
    const isImage = /^sha256:[0-9a-f]{64}$/.test(textOf(digest)) && !["", "unknown"].includes(parts.os);
    return isImage ? [{ digest: textOf(digest), platform: parts }] : [];
  });
}
