import { strict as assert } from "node:assert";
import { exitStatusByCode, isImageSourceError, type ErrorCode, type ImageSourceError } from "@molecule/core";

/** The codes of those who run the other server. */
export const upstreamCodes = (Object.keys(exitStatusByCode) as ErrorCode[]).filter(
  (code) => exitStatusByCode[code] === 3,
);

/** Of an engine, or a program in its place, that is not there. */
export const engineCodes: readonly ErrorCode[] = ["ENGINE_UNAVAILABLE", "TOOL_MISSING"];

/** Fails unless it is an error as the interface wants it, with one of the codes. */
export function assertTyped(error: unknown, what: string, codes?: readonly ErrorCode[]): ImageSourceError {
  assert.ok(
    isImageSourceError(error),
    `${what} fails with something else than an ImageSourceError: ${String(error)}`,
  );
  const { code, message, hint } = error;
  assert.ok(code in exitStatusByCode, `${what} fails with the code ${code}, which nobody knows`);
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
