import type { Transferred, Transfer } from "./transfer.js";
import {
  parseImageReference,
  unreportedWorkMs,
  type EngineCall,
  type Fetch,
  type ImageSourceError,
  type PulledImage,
  type PullRequest,
  type RegistryCredentials,
} from "@molecule/core";
import { hasLeft } from "../connection/cancellation.js";
import { pullFailure, saysNoSuchPlatform } from "./classify-pull-failure.js";
import { registryAuth } from "../credentials/registry-auth.js";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import { withCredentialsFor } from "../credentials/with-credentials-for.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { EngineRefusal } from "../connection/engine-errors.js";
import { warnOfInsecureRegistry } from "../registry/insecure-registry.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { pulledByPodman } from "./pulled-by-podman.js";
import { pulledForPlatform } from "./pulled-for-platform.js";
import { publishedPlatforms } from "./published-platforms.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Additional options of a pull. */
export interface PullOptions {
  readonly credentials: RegistryCredentials;
  /** Queries registries directly where the engine cannot; undefined disables that. */
  readonly fetch: Fetch | undefined;
}

/** Pulls one reference. The caller must inspect the image. */
export async function pullImage(
  connection: EngineConnection,
  request: PullRequest,
  call: EngineCall,
  { credentials, fetch }: PullOptions,
): Promise<PulledImage> {
  const { reference } = request;
  await warnOfInsecureRegistry(connection, reference, call);
  return withCredentialsFor(reference, credentials, call, async (sent) => {
    const transfer: Transfer = (name) =>
      retryDisturbedPull(() => pullAs(connection, { ...request, reference: name }, call, sent));
    const manifestQuery = fetch && { connection, fetch, sent };
    const transferred = await transfer(reference);
    return connection.kind === "podman"
      ? pulledByPodman(connection, request, transferred, manifestQuery, call)
      : pulledForPlatform(connection, request, transferred, { transfer, manifestQuery }, call);
  });
}

/**
 * Docker 26 and newer look the tag up again after a pull. A concurrent pull for another platform, by another user of
 * the engine, may have moved it by then. An image without the platform fails in the same way, so the number of attempts
 * is limited; a retry does not transfer the layers again.
 */
async function retryDisturbedPull(pull: () => Promise<Transferred>): Promise<Transferred> {
  for (let tries = 1; ; tries++) {
    try {
      return await pull();
    } catch (error) {
      if (tries === 3 || !isOtherPlatformFound(error)) throw error;
    }
  }
}

function isOtherPlatformFound(error: unknown): boolean {
  const { cause } = Object(error) as Error;
  return (
    cause instanceof StreamFailure && /was found but does not match the specified platform/.test(cause.text)
  );
}

/** Pulls with known credentials. */
export async function pullAs(
  connection: EngineConnection,
  { reference, platform, report }: PullRequest,
  { signal }: EngineCall,
  sent: SentCredentials,
): Promise<Transferred> {
  const { address } = connection;
  const progress = createTransferProgress(report, "pull");
  const transferred = (hasDigestConflict: boolean): Transferred => {
    const { digest, arrived } = progress;
    return { digest, arrived, hasDigestConflict };
  };
  try {
    const response = await connection.open({
      method: "POST",
      path: "/images/create",
      query: { ...pullQuery(reference), platform },
      headers: registryAuth(sent),
      repeatable: true,
      signal,
    });
    // Podman reports when a layer begins and ends, and no bytes.
    if (connection.kind === "podman") report.allowIdle?.(unreportedWorkMs);
    await takeMessages(response, address, report, (message) => {
      progress.take(message);
    });
    return transferred(false);
  } catch (error) {
    const explained =
      error instanceof StreamFailure && !hasLeft(signal)
        ? error
        : connection.explain(error, { signal, repeatable: true });
    if (!(explained instanceof StreamFailure || explained instanceof EngineRefusal)) throw explained;
    if (isDigestConflict(explained.text)) return transferred(true);
    const failure = pullFailure(explained, { reference, address }, explained);
    if (!saysNoSuchPlatform(explained.text)) throw failure;
    throw withPlatforms(failure, await publishedPlatforms(connection, reference, sent, { signal }));
  }
}

/**
 * Measured on 20.10, 26 and 28 with graph drivers, for an index pulled by its digest: `Cannot overwrite digest
 * sha256:…`.
 */
function isDigestConflict(text: string): boolean {
  return /^cannot overwrite digest sha256:/i.test(text);
}

function withPlatforms(failure: ImageSourceError, platforms: readonly string[]): ImageSourceError {
  if (platforms.length === 0) return failure;
  return failure.with({ message: `${failure.message}; it is published for ${platforms.join(", ")}` });
}

/** The engine accepts a digest in place of a tag; with a digest, the tag is redundant. */
function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const { tag, digest, familiar } = parseImageReference(reference);
  const suffix = (tag === null ? "" : `:${tag}`) + (digest === null ? "" : `@${digest}`);
  // Without a tag an engine would pull every tag of the repository.
  return { fromImage: familiar.slice(0, familiar.length - suffix.length), tag: digest ?? tag ?? "latest" };
}
