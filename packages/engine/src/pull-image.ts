import { parseImageReference, type EngineCall, type PullRequest } from "@molecule/core";
import { hasLeft } from "./cancellation.js";
import { pullFailure } from "./classify-pull-failure.js";
import { openDockerode } from "./dockerode-client.js";
import type { EngineConnection } from "./engine-connection.js";
import { EngineRefusal } from "./engine-errors.js";
import { warnOfInsecureRegistry } from "./insecure-registry.js";
import { fieldsOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Pulls one reference. That the image is there, and is the right one, is for an inspection to say. */
export async function pullImage(
  connection: EngineConnection,
  { reference, platform, report }: PullRequest,
  call: EngineCall,
): Promise<{ readonly digest: string | undefined }> {
  const { address } = connection;
  const { signal } = call;
  await warnOfInsecureRegistry(connection, reference, call);
  const progress = createTransferProgress(report, "pull");
  const client = await openDockerode(connection, signal ?? new AbortController().signal);
  try {
    const answer = await client.docker.createImage({
      ...pullOptions(reference),
      ...(platform === undefined ? {} : { platform }),
    });
    for await (const message of readMessages(answer as AsyncIterable<Buffer>, address)) {
      progress.take(fieldsOf(message));
    }
    return { digest: progress.digest };
  } catch (error) {
    const meant = connection.explain(error, { signal, repeatable: true });
    if (error instanceof StreamFailure && !hasLeft(signal)) {
      throw pullFailure({ text: error.text }, { reference, address }, error);
    }
    throw meant instanceof EngineRefusal ? pullFailure(meant, { reference, address }, meant) : meant;
  } finally {
    client.release();
  }
}

/** The engine takes a digest in the place of a tag; beside a digest a tag says nothing. */
function pullOptions(reference: string): { readonly fromImage: string; readonly tag: string } {
  const { tag, digest, familiar } = parseImageReference(reference);
  const suffix = (tag === null ? "" : `:${tag}`) + (digest === null ? "" : `@${digest}`);
  // Without a tag an engine would pull every tag there is.
  return { fromImage: familiar.slice(0, familiar.length - suffix.length), tag: digest ?? tag ?? "latest" };
}
