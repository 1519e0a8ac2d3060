import {
  parseImageReference,
  type EngineCall,
  type ImageSourceError,
  type PullRequest,
  type RegistryCredentials,
} from "@molecule/core";
import { hasLeft } from "./cancellation.js";
import { pullFailure, saysNoSuchPlatform } from "./classify-pull-failure.js";
import { registryAuth } from "./credentials/registry-auth.js";
import type { Told } from "./credentials/explain-refusal.js";
import { toldToRegistry } from "./credentials/told-to-registry.js";
import type { EngineConnection } from "./engine-connection.js";
import { EngineRefusal } from "./engine-errors.js";
import { warnOfInsecureRegistry } from "./insecure-registry.js";
import { fieldsOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
import { publishedPlatforms } from "./published-platforms.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Pulls one reference. That the image is there, and is the right one, is for an inspection to say. */
export async function pullImage(
  connection: EngineConnection,
  request: PullRequest,
  call: EngineCall,
  credentials: RegistryCredentials,
): Promise<{ readonly digest: string | undefined }> {
  const { reference } = request;
  await warnOfInsecureRegistry(connection, reference, call);
  return toldToRegistry(reference, credentials, call, (told) => pull(connection, request, call, told));
}

async function pull(
  connection: EngineConnection,
  { reference, platform, report }: PullRequest,
  { signal }: EngineCall,
  told: Told,
): Promise<{ readonly digest: string | undefined }> {
  const { address } = connection;
  const progress = createTransferProgress(report, "pull");
  try {
    const answer = await connection.open({
      method: "POST",
      path: "/images/create",
      query: { ...pullQuery(reference), platform },
      headers: registryAuth(told),
      repeatable: true,
      signal,
    });
    for await (const message of readMessages(answer, address)) progress.take(fieldsOf(message));
    return { digest: progress.digest };
  } catch (error) {
    const meant =
      error instanceof StreamFailure && !hasLeft(signal)
        ? error
        : connection.explain(error, { signal, repeatable: true });
    if (!(meant instanceof StreamFailure || meant instanceof EngineRefusal)) throw meant;
    const failure = pullFailure(meant, { reference, address }, meant);
    if (!saysNoSuchPlatform(meant.text)) throw failure;
    throw withPlatforms(failure, await publishedPlatforms(connection, reference, told, { signal }));
  }
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
