import { exitStatusByCode, type ImageSourceError } from "@molecule/core";

/** HTTP status by who has to act, which the command's exit status encodes. */
const statusByActor: Readonly<Record<number, number>> = { 2: 400, 3: 502, 4: 503, 5: 422, 6: 504 };

/** Returns the HTTP status and body for an error. The body is the unchanged error, which contains no secrets. */
export function errorResponse(error: ImageSourceError): { readonly status: number; readonly body: object } {
  return { status: statusByActor[exitStatusByCode[error.code]] ?? 500, body: { error: error.toJSON() } };
}
