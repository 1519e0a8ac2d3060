import { classifyRegistryText, ImageSourceError } from "@molecule/core";
import { fieldsOf, textOf } from "./json-fields.js";
import { oneLine } from "./one-line.js";

/** An answer of an engine, or of what stands before it, that is no success. */
export interface RefusedRequest {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** An engine does not answer so by itself: nobody logs in to it, and what it does not know is 404. */
const statuses: readonly number[] = [401, 403, 405, 407];

/** The requests in whose answers an engine repeats those of a registry, status included. */
const toRegistries = /^\/(?:images\/create$|images\/.+\/push$|distribution\/)/;

/**
 * Undefined unless a proxy before the engine, or a plugin of it, refuses the request itself. Measured: HAProxy's page
 * `<html><body><h1>403 Forbidden</h1>`, and `{"message":"authorization denied by plugin NAME: …"}`.
 */
export function accessRefusal({
  address,
  method,
  path,
  status,
  body,
}: RefusedRequest): ImageSourceError | undefined {
  if (!statuses.includes(status)) return undefined;
  const text = ownText(body);
  const isOfRegistry =
    toRegistries.test(path) && text !== undefined && classifyRegistryText(text, "transfer") !== undefined;
  if (isOfRegistry) return undefined;
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `the container engine at ${address} refuses ${method} ${path} with ${String(status)}: ${oneLine(text ?? body)}`,
    hint: "Allow this request in the proxy or authorization plugin in front of the engine, or use another engine.",
  });
}

/** Engines wrap their text in `{"message"}`; a proxy sends what it likes. */
function ownText(body: string): string | undefined {
  try {
    const text = textOf(fieldsOf(JSON.parse(body)).message);
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}
