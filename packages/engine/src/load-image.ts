import type { Readable } from "node:stream";
import { ImageSourceError, type EngineCall } from "@molecule/core";
import { hasLeft } from "./cancellation.js";
import type { EngineConnection } from "./engine-connection.js";
import { engineFull, EngineRefusal } from "./engine-errors.js";
import { fieldsOf, textOf } from "./json-fields.js";
import { readMessages, StreamFailure } from "./message-stream.js";
import { oneLine } from "./one-line.js";
import { watchContext } from "./watch-context.js";

/** Loads the image of an archive. Its names, if it has any, become the engine's. */
export async function loadImage(
  connection: EngineConnection,
  archive: Readable,
  { signal }: EngineCall,
): Promise<{ readonly imageId: string | undefined }> {
  const watched = watchContext(archive);
  const stop = signal === undefined ? watched.broken : AbortSignal.any([signal, watched.broken]);
  let said = "";
  try {
    const answer = await connection.open({
      method: "POST",
      path: "/images/load",
      query: { quiet: "1" },
      headers: { "content-type": "application/x-tar" },
      stream: archive,
      signal: stop,
    });
    for await (const message of readMessages(answer, connection.address))
      said += textOf(fieldsOf(message).stream);
    // `Loaded image ID: sha256:…`, measured on 20.10.24 for an archive without names.
    return { imageId: /^Loaded image ID: (sha256:[0-9a-f]{64})$/m.exec(said)?.[1] };
  } catch (error) {
    if (watched.broken.aborted && !hasLeft(signal)) throw watched.broken.reason;
    if (error instanceof StreamFailure && !hasLeft(signal)) throw notLoaded(connection, error.text, error);
    const meant = connection.explain(error, { signal });
    throw meant instanceof EngineRefusal ? notLoaded(connection, meant.text, meant) : meant;
  } finally {
    watched.release();
  }
}

function notLoaded({ address }: EngineConnection, text: string, cause: unknown): ImageSourceError {
  return (
    engineFull(address, text, cause) ??
    new ImageSourceError({
      code: "SOURCE_MALFORMED",
      message: `the container engine at ${address} cannot load an image: ${oneLine(text)}`,
      hint: "Check that it is an archive of one image, as `docker save` writes it, and that it is whole.",
      cause,
    })
  );
}
