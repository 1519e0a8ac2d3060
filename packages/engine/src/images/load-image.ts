import { ImageSourceError, oneLine, type EngineCall, type LoadRequest } from "@molecule/core";
import { hasLeft } from "../connection/cancellation.js";
import type { EngineConnection } from "../connection/engine-connection.js";
import { engineFull, EngineRefusal } from "../connection/engine-errors.js";
import { textOf } from "../connection/json-fields.js";
import { StreamFailure, takeMessages } from "../connection/message-stream.js";
import { watchStream } from "../connection/watch-stream.js";

/** Loads an archive of images and returns their names or IDs. The caller must inspect them. */
export async function loadImage(
  connection: EngineConnection,
  { archive, report }: LoadRequest,
  { signal }: EngineCall,
): Promise<{ readonly loaded: readonly string[] }> {
  const { address } = connection;
  const broken = new AbortController();
  const release = watchStream(archive, (error) => {
    broken.abort(error);
  });
  const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
  const loaded: string[] = [];
  try {
    const response = await connection.open({
      method: "POST",
      path: "/images/load",
      headers: { "content-type": "application/x-tar" },
      stream: archive,
      signal: stop,
    });
    await takeMessages(response, address, report, ({ stream, status }) => {
      const text = textOf(stream) || textOf(status);
      if (text !== "") report.output(text);
      loaded.push(...loadedIn(text));
    });
    if (loaded.length > 0) return { loaded };
    throw new StreamFailure("the archive contains no image", 0);
  } catch (error) {
    if (broken.signal.aborted && !hasLeft(signal)) throw broken.signal.reason;
    const explained = error instanceof StreamFailure ? error : connection.explain(error, { signal });
    if (explained instanceof StreamFailure || explained instanceof EngineRefusal)
      throw refused(explained, address);
    throw explained;
  } finally {
    release();
  }
}

/**
 * Measured on Docker 20.10: `Loaded image: busybox:latest`, one line per name, or `Loaded image ID: sha256:…`. Podman's
 * service writes one line with comma-separated names.
 */
function loadedIn(text: string): readonly string[] {
  return [...text.matchAll(/^Loaded image(?: ID)?: (\S.*)$/gm)].flatMap(([, names = ""]) =>
    names.trim().split(/\s*,\s*/),
  );
}

function refused(failure: StreamFailure | EngineRefusal, address: string): ImageSourceError {
  return (
    engineFull(address, failure.text, failure) ??
    new ImageSourceError({
      code: "SOURCE_MALFORMED",
      message: `the container engine at ${address} cannot load the archive: ${oneLine(failure.text)}`,
      hint: "Create the archive again with `docker save`; older engines cannot read OCI layouts.",
      cause: failure,
    })
  );
}
