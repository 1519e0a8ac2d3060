import type { StepReport } from "@molecule/core";
import { answerNotUnderstood } from "./engine-errors.js";
import { fieldsOf, numberOf, textOf, type Fields } from "./json-fields.js";

/** The engine reports a failure inside a successful response. */
export class StreamFailure extends Error {
  override readonly name = "StreamFailure";

  constructor(
    /** The engine's own text. */
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
 * The messages of a build or a pull: one JSON value a line, the last line with or without its end.
 * Throws {@link StreamFailure} at an error message, whatever came before it, and `ENGINE_UNAVAILABLE` at a line that
 * is not JSON or is longer than 4 MiB. A stream that breaks throws its own error.
 * @param address of the engine, for the errors
 */
export async function* readMessages(source: AsyncIterable<Uint8Array>, address: string): AsyncGenerator {
  for await (const message of values(source, address)) {
    failOn(message);
    yield message;
  }
}

/**
 * Takes every message of {@link readMessages}, and reads on only while the report's listeners keep up.
 * Rejects as that throws.
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

/** Cuts bytes, not text: a character that is split over two chunks is whole again in its line. */
async function* values(source: AsyncIterable<Uint8Array>, address: string): AsyncGenerator {
  let begun: Uint8Array[] = [];
  let bytes = 0;
  const keep = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes > maxLineBytes) {
      throw answerNotUnderstood(address, `a line of more than ${String(maxLineBytes)} bytes`);
    }
    begun.push(part);
  };
  // The text of a line is gone before its message is used: it may be large, and is of no use any more.
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
    throw answerNotUnderstood(
      address,
      `a line that is not JSON, ${JSON.stringify(line.slice(0, 80))}`,
      error,
    );
  }
}

function failOn(message: unknown): void {
  const { error, errorDetail } = fieldsOf(message);
  // Null is what a field that is not meant looks like in some encoders.
  if ((error ?? errorDetail ?? undefined) === undefined) return;
  const detail = fieldsOf(errorDetail);
  const text = [textOf(detail.message), textOf(error)].find((candidate) => candidate !== "");
  throw new StreamFailure(text ?? "it does not say why", numberOf(detail.code));
}
