import { exitStatusByCode, type ImageSourceError } from "@molecule/core";

/** By who has to act, as the exit status of the command says it. */
const statusByActor: Readonly<Record<number, number>> = { 2: 400, 3: 502, 4: 503, 5: 422, 6: 504 };

/** What an HTTP client gets of an error: a status, and the error as it is. It holds no secrets. */
export function errorAnswer(error: ImageSourceError): { readonly status: number; readonly body: object } {
  return { status: statusByActor[exitStatusByCode[error.code]] ?? 500, body: { error: error.toJSON() } };
}
