import type { StepReport } from "@molecule/core";
import { responseNotUnderstood } from "./engine-errors.js";
import { fieldsOf, numberOf, textOf, type Fields } from "./json-fields.js";

/** A failure that the engine reports inside a successful response. */
export class StreamFailure extends Error {
  override readonly name = "StreamFailure";

  constructor(
    /** The engine's error text, verbatim. */
    readonly text: string,
    /** The exit code of a failed build step, else 0. */
    readonly code: number,
  ) {
    super(text);
  }
}

const maxLineBytes = 4 * 1024 * 1024;
const newline = 0x0a;

/**
 * Yields the messages of a build or a pull: one JSON value per line; the last line may lack its line end. Throws {@link
 * StreamFailure} on an error message, whatever preceded it, and `ENGINE_UNAVAILABLE` on a line that is not JSON or is
 * longer than 4 MiB. A stream that breaks throws its own error.
 * @param address the engine's address, for error messages
 */
export async function* readMessages(source: AsyncIterable<Uint8Array>, address: string): AsyncGenerator {
  for await (const message of values(source, address)) {
    failOn(message);
    yield message;
  }
}

/**
 * Passes on every message of {@link readMessages}, and pauses while the report's listeners are behind. Rejects with the
 * same errors.
 */
export async function takeMessages(
  source: AsyncIterable<Uint8Array>,
  address: string,
  report: StepReport,
  take: (message: Fields) => void,
): Promise<void> {
  for await (const message of readMessages(source, address)) {
    take(fieldsOf(message));
    await report.drained?.();
  }
}

/** Splits bytes rather than text, so that a character split across two chunks stays whole. */
async function* values(source: AsyncIterable<Uint8Array>, address: string): AsyncGenerator {
  let begun: Uint8Array[] = [];
  let bytes = 0;
  const keep = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes > maxLineBytes) {
      throw responseNotUnderstood(address, `a line of more than ${String(maxLineBytes)} bytes`);
    }
    begun.push(part);
  };
  // Releases a line's text before yielding its message: the text may be large and is no longer needed.
  const take = (): readonly unknown[] => {
    const line = Buffer.concat(begun).toString("utf8");
    begun = [];
    bytes = 0;
    return line.trim() === "" ? [] : [parse(line, address)];
  };
  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      keep(chunk.subarray(from, end));
      yield* take();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  yield* take();
}

function parse(line: string, address: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw responseNotUnderstood(
      address,
      `a line that is not JSON, ${JSON.stringify(line.slice(0, 80))}`,
      error,
    );
  }
}

function failOn(message: unknown): void {
  const { error, errorDetail } = fieldsOf(message);
  // Some encoders write null for unset fields.
  if ((error ?? errorDetail ?? undefined) === undefined) return;
  const detail = fieldsOf(errorDetail);
  const text = [textOf(detail.message), textOf(error)].find((candidate) => candidate !== "");
  throw new StreamFailure(text ?? "no reason given", numberOf(detail.code));
}
