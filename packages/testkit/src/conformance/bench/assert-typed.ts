import { strict as assert } from "node:assert";
import { exitStatusByCode, isImageSourceError, type ErrorCode, type ImageSourceError } from "@molecule/core";

/** Error codes that blame the operator of the remote server. */
export const upstreamCodes = (Object.keys(exitStatusByCode) as ErrorCode[]).filter(
  (code) => exitStatusByCode[code] === 3,
);

/** Error codes for an engine, or a program used in its place, that is unavailable. */
export const engineCodes: readonly ErrorCode[] = ["ENGINE_UNAVAILABLE", "TOOL_MISSING"];

/** Throws unless the error has the form that the interface requires and one of the codes. */
export function assertTyped(error: unknown, what: string, codes?: readonly ErrorCode[]): ImageSourceError {
  assert.ok(
    isImageSourceError(error),
    `${what} fails with an error that is not an ImageSourceError: ${String(error)}`,
  );
  const { code, message, hint } = error;
  assert.ok(code in exitStatusByCode, `${what} fails with the unknown code ${code}`);
  for (const [name, text] of Object.entries({ message, hint })) {
    assert.match(
      text,
      /^\S[^\r\n]*$/,
      `${what}: the ${name} of ${code} is not one line: ${JSON.stringify(text)}`,
    );
  }
  if (codes !== undefined)
    assert.ok(
      codes.includes(code),
      `${what} fails with ${code} (${message}), not with one of ${codes.join(", ")}`,
    );
  return error;
}
