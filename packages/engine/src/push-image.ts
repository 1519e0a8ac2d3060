import { ImageSourceError, parseImageReference, type EngineCall, type PushRequest } from "@molecule/core";
import { hasLeft } from "./cancellation.js";
import { classifyPullFailure } from "./classify-pull-failure.js";
import type { EngineConnection } from "./engine-connection.js";
import { engineFull, EngineRefusal } from "./engine-errors.js";
import { warnOfInsecureRegistry } from "./insecure-registry.js";
import { fieldsOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
import { oneLine } from "./one-line.js";
import { createTransferProgress } from "./transfer-progress.js";

/** Pushes one name of an image. */
export async function pushImage(
  connection: EngineConnection,
  { reference, report }: PushRequest,
  call: EngineCall,
): Promise<{ readonly digest: string | undefined }> {
  const { address } = connection;
  const { signal } = call;
  const { tag, digest, familiar } = parseImageReference(reference);
  if (tag === null || digest !== null) throw new TypeError(`${reference} must have a tag and no digest`);
  await warnOfInsecureRegistry(connection, reference, call);
  const name = familiar.slice(0, -(tag.length + 1));
  const path = `/images/${name.split("/").map(encodeURIComponent).join("/")}/push`;
  // An engine wants the header, also where it says nothing.
  const headers = { "x-registry-auth": Buffer.from("{}").toString("base64") };
  const progress = createTransferProgress(report, "push");
  try {
    const answer = await connection.open({ method: "POST", path, query: { tag }, headers, signal });
    for await (const message of readMessages(answer, address)) progress.take(fieldsOf(message));
    return { digest: progress.digest };
  } catch (error) {
    if (error instanceof StreamFailure && !hasLeft(signal))
      throw pushFailure(error.text, reference, address, error);
    const meant = connection.explain(error, { signal, repeatable: true });
    throw meant instanceof EngineRefusal ? pushFailure(meant.text, reference, address, meant) : meant;
  }
}

function pushFailure(text: string, reference: string, address: string, cause: unknown): ImageSourceError {
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
