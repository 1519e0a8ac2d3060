import type { Transferred, Transfer } from "./transfer.js";
import {
  parseImageReference,
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
import { withRegistryCredentials } from "../credentials/with-registry-credentials.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { EngineRefusal } from "../connection/engine-errors.js";
import { warnOfInsecureRegistry } from "../registry/insecure-registry.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { pulledByPodman } from "./pulled-by-podman.js";
import { pulledForPlatform } from "./pulled-for-platform.js";
import { publishedPlatforms } from "./published-platforms.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Additional options of a pull. */
export interface PullMeans {
  readonly credentials: RegistryCredentials;
  /** For what the engine cannot ask the registry; undefined: it is not asked. */
  readonly fetch: Fetch | undefined;
}

/** Pulls one reference. That the image is there, and is the right one, is for an inspection to say. */
export async function pullImage(
  connection: EngineConnection,
  request: PullRequest,
  call: EngineCall,
  { credentials, fetch }: PullMeans,
): Promise<PulledImage> {
  const { reference } = request;
  await warnOfInsecureRegistry(connection, reference, call);
  return withRegistryCredentials(reference, credentials, call, async (sent) => {
    const transfer: Transfer = (name) =>
      untilUndisturbed(() => pullAs(connection, { ...request, reference: name }, call, sent));
    const question = fetch && { connection, fetch, sent };
    const came = await transfer(reference);
    return connection.kind === "podman"
      ? pulledByPodman(connection, request, came, question, call)
      : pulledForPlatform(connection, request, came, { transfer, question }, call);
  });
}

/**
 * Docker 26 and newer look the tag up again after a pull. A pull of another platform at the same time, by another user of
 * the engine, may have moved it by then. The same failure means that the image has no such platform, so it is not repeated
 * for long; what was transferred is there already.
 */
async function untilUndisturbed(pull: () => Promise<Transferred>): Promise<Transferred> {
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

/** Pulls with credentials that are already known. */
export async function pullAs(
  connection: EngineConnection,
  { reference, platform, report }: PullRequest,
  { signal }: EngineCall,
  sent: SentCredentials,
): Promise<Transferred> {
  const { address } = connection;
  const progress = createTransferProgress(report, "pull");
  const came = (isTaken: boolean): Transferred => {
    const { digest, arrived } = progress;
    return { digest, arrived, isTaken };
  };
  try {
    const answer = await connection.open({
      method: "POST",
      path: "/images/create",
      query: { ...pullQuery(reference), platform },
      headers: registryAuth(sent),
      repeatable: true,
      signal,
    });
    await takeMessages(answer, address, report, (message) => {
      progress.take(message);
    });
    return came(false);
  } catch (error) {
    const meant =
      error instanceof StreamFailure && !hasLeft(signal)
        ? error
        : connection.explain(error, { signal, repeatable: true });
    if (!(meant instanceof StreamFailure || meant instanceof EngineRefusal)) throw meant;
    if (isTakenDigest(meant.text)) return came(true);
    const failure = pullFailure(meant, { reference, address }, meant);
    if (!saysNoSuchPlatform(meant.text)) throw failure;
    throw withPlatforms(failure, await publishedPlatforms(connection, reference, sent, { signal }));
  }
}

/** Measured on 20.10, 26 and 28 with graph drivers: `Cannot overwrite digest sha256:…`, of an index, by its digest. */
function isTakenDigest(text: string): boolean {
  return /^cannot overwrite digest sha256:/i.test(text);
}

function withPlatforms(failure: ImageSourceError, platforms: readonly string[]): ImageSourceError {
  if (platforms.length === 0) return failure;
  return failure.with({ message: `${failure.message}; it is published for ${platforms.join(", ")}` });
}

/** The engine takes a digest in the place of a tag; beside a digest a tag says nothing. */
function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const { tag, digest, familiar } = parseImageReference(reference);
  const suffix = (tag === null ? "" : `:${tag}`) + (digest === null ? "" : `@${digest}`);
  // Without a tag an engine would pull every tag there is.
  return { fromImage: familiar.slice(0, familiar.length - suffix.length), tag: digest ?? tag ?? "latest" };
}
