import {
  parseImageReference,
  type EngineCall,
  type PullRequest,
  type RegistryCredential,
  type RegistryCredentials,
} from "@molecule/core";
import { hasLeft } from "./cancellation.js";
import { pullFailure } from "./classify-pull-failure.js";
import { registryAuth } from "./credentials/registry-auth.js";
import { toldToRegistry } from "./credentials/told-to-registry.js";
import type { EngineConnection } from "./engine-connection.js";
import { EngineRefusal } from "./engine-errors.js";
import { warnOfInsecureRegistry } from "./insecure-registry.js";
import { fieldsOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
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
  return toldToRegistry(reference, credentials, call, (credential, registry) =>
    pull(connection, request, call, { credential, registry }),
  );
}

async function pull(
  connection: EngineConnection,
  { reference, platform, report }: PullRequest,
  { signal }: EngineCall,
  told: { readonly credential: RegistryCredential | undefined; readonly registry: string },
): Promise<{ readonly digest: string | undefined }> {
  const { address } = connection;
  const progress = createTransferProgress(report, "pull");
  try {
    const answer = await connection.open({
      method: "POST",
      path: "/images/create",
      query: { ...pullQuery(reference), platform },
      headers: registryAuth(told.credential, told.registry),
      repeatable: true,
      signal,
    });
    for await (const message of readMessages(answer, address)) progress.take(fieldsOf(message));
    return { digest: progress.digest };
  } catch (error) {
    const meant = connection.explain(error, { signal, repeatable: true });
    if (error instanceof StreamFailure && !hasLeft(signal)) {
      throw pullFailure({ text: error.text }, { reference, address }, error);
    }
    throw meant instanceof EngineRefusal ? pullFailure(meant, { reference, address }, meant) : meant;
  }
}

/** The engine takes a digest in the place of a tag; beside a digest a tag says nothing. */
function pullQuery(reference: string): { readonly fromImage: string; readonly tag: string } {
  const { tag, digest, familiar } = parseImageReference(reference);
  const suffix = (tag === null ? "" : `:${tag}`) + (digest === null ? "" : `@${digest}`);
  // Without a tag an engine would pull every tag there is.
  return { fromImage: familiar.slice(0, familiar.length - suffix.length), tag: digest ?? tag ?? "latest" };
}
