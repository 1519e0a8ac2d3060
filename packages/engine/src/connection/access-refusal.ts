import { classifyRegistryText, ImageSourceError, oneLine } from "@molecule/core";
import { fieldsOf, textOf } from "./json-fields.js";

/** An error response from an engine or from a proxy in front of it. */
export interface RefusedRequest {
  readonly address: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

/** An engine does not return these statuses itself: it has no logins, and an unknown path is 404. */
const statuses: readonly number[] = [401, 403, 405, 407];

/** The requests for which an engine passes on a registry's response, status included. */
const toRegistries = /^\/(?:images\/create$|images\/.+\/push$|distribution\/)/;

/**
 * Returns undefined unless a proxy in front of the engine, or one of its authorization plugins, refused the request
 * itself. Measured: HAProxy's page `<html><body><h1>403 Forbidden</h1>`, and `{"message":"authorization denied by
 * plugin NAME: …"}`.
 */
export function accessRefusal({
  address,
  method,
  path,
  status,
  body,
}: RefusedRequest): ImageSourceError | undefined {
  if (!statuses.includes(status)) return undefined;
  const text = errorText(body);
  const isOfRegistry =
    toRegistries.test(path) && text !== undefined && classifyRegistryText(text, "transfer") !== undefined;
  if (isOfRegistry) return undefined;
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `the container engine at ${address} refuses ${method} ${path} with ${String(status)}: ${oneLine(text ?? body)}`,
    hint: "Allow this request in the proxy or authorization plugin in front of the engine, or use another engine.",
  });
}

/** Engines wrap their text in `{"message"}`; a proxy may send anything. */
function errorText(body: string): string | undefined {
  try {
    const text = textOf(fieldsOf(JSON.parse(body)).message);
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}
