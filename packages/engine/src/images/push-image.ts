import {
  classifyPullFailure,
  classifyRegistryText,
  ImageSourceError,
  oneLine,
  parseImageReference,
  type EngineCall,
  type PushRequest,
  type RegistryCredentials,
} from "@molecule/core";
import { hasLeft } from "../connection/cancellation.js";
import { emptyAuth, registryAuth } from "../credentials/registry-auth.js";
import type { SentCredentials } from "../credentials/explain-refusal.js";
import { FinalRefusal, withCredentialsFor } from "../credentials/with-credentials-for.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { engineFull, EngineRefusal } from "../connection/engine-errors.js";
import { warnOfInsecureRegistry } from "../registry/insecure-registry.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Pushes one name of an image. */
export async function pushImage(
  connection: EngineConnection,
  request: PushRequest,
  call: EngineCall,
  credentials: RegistryCredentials,
): Promise<{ readonly digest: string | undefined }> {
  const { reference } = request;
  const { tag, digest, familiar } = parseImageReference(reference);
  if (tag === null || digest !== null) throw new TypeError(`${reference} must have a tag and no digest`);
  await warnOfInsecureRegistry(connection, reference, call);
  const name = familiar.slice(0, -(tag.length + 1));
  return withCredentialsFor(reference, credentials, call, (sent) =>
    push(connection, request, call, { sent, name, tag }),
  );
}

interface Target {
  readonly sent: SentCredentials;
  readonly name: string;
  readonly tag: string;
}

async function push(
  connection: EngineConnection,
  { reference, report }: PushRequest,
  { signal }: EngineCall,
  { sent, name, tag }: Target,
): Promise<{ readonly digest: string | undefined }> {
  const { address } = connection;
  const path = `/images/${name.split("/").map(encodeURIComponent).join("/")}/push`;
  const headers = { ...emptyAuth, ...registryAuth(sent) };
  const progress = createTransferProgress(report, "push");
  try {
    const response = await connection.open({ method: "POST", path, query: { tag }, headers, signal });
    await takeMessages(response, address, report, (message) => {
      progress.take(message);
    });
    return { digest: progress.digest };
  } catch (error) {
    const failed =
      error instanceof StreamFailure && !hasLeft(signal)
        ? error
        : connection.explain(error, { signal, repeatable: true });
    if (!(failed instanceof StreamFailure || failed instanceof EngineRefusal)) throw failed;
    const failure = pushFailure(failed.text, reference, address, failed);
    const isFinal = classifyRegistryText(failed.text, "transfer")?.isImmutable === true;
    throw isFinal ? new FinalRefusal(failure) : failure;
  }
}

/** Returns the error for a failed push. */
export function pushFailure(
  text: string,
  reference: string,
  address: string,
  cause: unknown,
): ImageSourceError {
  const known = classifyPullFailure(text, reference, cause);
  return (
    engineFull(address, text, cause) ??
    new ImageSourceError({
      code: known?.code ?? "SOURCE_UNREACHABLE",
      message: `${reference} cannot be pushed: ${oneLine(text)}`,
      hint: known?.hint ?? "Check that the registry is up and that you may push there.",
      transient: known?.transient ?? undefined,
      cause,
    })
  );
}
