import { ImageSourceError, parseImageReference, type ErrorCode } from "@molecule/core";

const maxBytes = 16 * 1024 * 1024;

/** Returns the archive that an in-memory registry has under the name. Rejects as an engine's pull does. */
export async function pullArchive(reference: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const { registry, repository, tag } = parseImageReference(reference);
  if (!registry.startsWith("127.0.0.1:"))
    throw failure("SOURCE_NOT_FOUND", reference, "not an in-memory registry");
  try {
    const url = `http://${registry}/${repository}:${tag ?? ""}`;
    const { status, body } = await fetch(url, signal === undefined ? {} : { signal });
    if (status !== 200 || body === null) {
      await body?.cancel();
      throw failure(codes[status] ?? "SOURCE_UNREACHABLE", reference, `status ${String(status)}`);
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw failure("SOURCE_MALFORMED", reference, "more than 16 MiB");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ImageSourceError ? error : failure("SOURCE_UNREACHABLE", reference, String(error));
  }
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "SOURCE_DENIED",
  403: "SOURCE_DENIED",
  404: "SOURCE_NOT_FOUND",
};

function failure(code: ErrorCode, reference: string, why: string): ImageSourceError {
  const message = `${reference} cannot be pulled by the in-memory engine: ${why}`;
  return new ImageSourceError({
    code,
    message,
    hint: "Push the image to a registry from `startMemoryRegistry`.",
  });
}
