import { findJsonFault, type JsonScan } from "./json-fault.js";

/** A syntax error in JSON. The message has the position and the reason, and quotes nothing but keys. */
export class JsonFault extends Error {
  override readonly name = "JsonFault";
}

/** Returns the parsed JSON. Throws {@link JsonFault}: `line 3, column 12: trailing comma`. */
export function parseJson(text: string, scan: JsonScan = {}): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own error quotes the text, and often has no position.
    throw new JsonFault(described(text, scan) ?? "it cannot be parsed");
  }
  if (scan.uniqueKeys !== true) return value;
  const fault = described(text, scan);
  if (fault !== undefined) throw new JsonFault(fault);
  return value;
}

function described(text: string, scan: JsonScan): string | undefined {
  const fault = findJsonFault(text, scan);
  if (fault === undefined) return undefined;
  const lines = text.slice(0, fault.offset).split(/\r\n|\n|\r/);
  const column = (lines.at(-1) ?? "").length + 1;
  return `line ${String(lines.length)}, column ${String(column)}: ${fault.reason}`;
}
