import { parseImageReference } from "@molecule/core";
import { FinalRefusal } from "../credentials/with-credentials-for.js";
import { digestOf, isDigest } from "./content-digest.js";
import { openRepository, type Repository } from "./open-repository.js";
import { acceptedManifests, parseManifest, type ParsedManifest } from "./parse-manifest.js";
import type { RegistryAccess } from "./registry-access.js";
import { notTagged, otherContent, refusedBy } from "./registry-failure.js";

/** A manifest as stored in a registry. */
export interface RegistryManifest extends ParsedManifest {
  readonly digest: string;
}

/**
 * Requests the manifest of a reference from a registry, without the engine. Rejects with `SOURCE_UNREACHABLE`,
 * `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_MALFORMED`, and with `SOURCE_MISMATCH` if the manifest has another digest
 * than the reference.
 */
export function readManifest(reference: string, access: RegistryAccess): Promise<RegistryManifest> {
  return manifestIn(openRepository(parseImageReference(reference), access), reference);
}

/** Requests the manifest of a reference from its repository. */
export async function manifestIn(repository: Repository, reference: string): Promise<RegistryManifest> {
  const { digest, body, contentType } = await contentIn(repository, reference);
  return { digest, ...parseManifest(reference, body, contentType) };
}

/** Requests the manifest of a reference from its repository, and verifies its digest. */
async function contentIn(
  repository: Repository,
  reference: string,
): Promise<{ readonly digest: string; readonly body: string; readonly contentType: string }> {
  const { digest: pin } = parseImageReference(reference);
  const response = await repository.request(pathOf(reference), { accept: acceptedManifests });
  if (response.status !== 200) throw refusedBy(reference, response);
  const { body, contentType } = response;
  const digest = digestOf(body, pin ?? undefined);
  if (pin !== null && pin !== digest)
    throw otherContent(`the registry's manifest of ${reference} has the digest ${digest}`);
  return { digest, body, contentType };
}

/**
 * Stores the manifest of a digest under a tag of its repository. Rejects with {@link FinalRefusal} if the registry refuses
 * the tag, and other credentials would not help.
 */
export async function tagIn(repository: Repository, reference: string, tag: string): Promise<void> {
  const { body, contentType } = await contentIn(repository, reference);
  // Only what this client would read may get a tag.
  parseManifest(reference, body, contentType);
  const content = { type: contentType, text: body };
  const response = await repository.request(`manifests/${tag}`, { accept: "*/*", content });
  const { status } = response;
  if (status >= 200 && status <= 299) return;
  const error = notTagged(reference, tag, response);
  throw status === 401 || status === 403 ? error : new FinalRefusal(error);
}

/** Requests only the digest of a reference: Docker Hub does not count that as a pull. Nothing verifies it. */
export async function digestIn(repository: Repository, reference: string): Promise<string> {
  const { digest: pin } = parseImageReference(reference);
  const response = await repository.request(pathOf(reference), {
    accept: acceptedManifests,
    method: "HEAD",
  });
  const digest = response.header("docker-content-digest") ?? "";
  const hasDigest = response.status === 200 && isDigest(digest);
  // The header is optional, and some servers refuse the method.
  if (!hasDigest && [200, 405].includes(response.status))
    return (await manifestIn(repository, reference)).digest;
  if (response.status !== 200) throw refusedBy(reference, response);
  if (pin !== null && pin !== digest)
    throw otherContent(`the registry's manifest of ${reference} has the digest ${digest}`);
  return digest;
}

function pathOf(reference: string): string {
  const { tag, digest } = parseImageReference(reference);
  return `manifests/${digest ?? tag ?? "latest"}`;
}
