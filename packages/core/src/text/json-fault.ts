/*
 * Finds the syntax error in a text that JSON.parse rejects: its own errors differ between versions of Node and often
 * have no position. One pass with a stack, so that depth costs nothing.
 */

/** Additional checks. */
export interface JsonScan {
  /** Reject duplicate keys in a map, where the first one would be ignored. */
  readonly uniqueKeys?: true;
}

export interface JsonFaultPlace {
  readonly offset: number;
  readonly reason: string;
}

const space = /[ \t\n\r]*/y;
const textToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y; // eslint-disable-line no-control-regex -- the grammar
const openText = /"(?:[^"\\\n\r]|\\.)*(?=[\n\r]|$)/y;
const literal = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

interface Level {
  readonly close: "}" | "]";
  readonly keys: Set<string>;
}

/** The token that may come next: a key, a value, or one after a value. `first…`: the map or list may also end. */
type State = "value" | "firstValue" | "key" | "firstKey" | "after";

/** Returns the first syntax error; undefined if there is none. */
export function findJsonFault(text: string, { uniqueKeys }: JsonScan): JsonFaultPlace | undefined {
  const levels: Level[] = [];
  let state: State = "value";
  let at = 0;
  let comma = 0;

  const take = (token: RegExp): string | undefined => {
    token.lastIndex = at;
    const [found] = token.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const fault = (reason: string, offset = at): JsonFaultPlace => ({ offset, reason });

  for (;;) {
    take(space);
    const next = text[at];
    const level = levels.at(-1);
    if (next === undefined) {
      if (state === "after" && level === undefined) return undefined;
      return fault(text.trim() === "" ? "the file is empty" : `the file ends too early: ${missing(level)}`);
    }
    if (next === "#" || text.startsWith("//", at) || text.startsWith("/*", at)) {
      return fault("JSON has no comments");
    }
    if (level !== undefined && next === level.close) {
      if (state === "value" || state === "key") {
        return text[comma] === "," ? fault("trailing comma", comma) : fault("a value is missing");
      }
      levels.pop();
      state = "after";
      at += 1;
    } else if (state === "after") {
      if (level === undefined) return fault("more text after the end of the JSON value");
      if (next !== ",") return fault(`a comma or ${level.close} is missing`);
      comma = at;
      state = level.close === "}" ? "key" : "value";
      at += 1;
    } else if (state === "key" || state === "firstKey") {
      const start = at;
      if (next !== '"') return fault("a key must be in double quotes");
      const key = take(textToken);
      if (key === undefined) return fault(faultIn(take(openText)), start);
      if (uniqueKeys === true && level?.keys.has(key)) return fault(`the key ${key} appears twice`, start);
      level?.keys.add(key);
      take(space);
      if (text[at] !== ":") return fault("a colon is missing after the key");
      at += 1;
      comma = at - 1;
      state = "value";
    } else if (next === "{" || next === "[") {
      levels.push({ close: next === "{" ? "}" : "]", keys: new Set() });
      state = next === "{" ? "firstKey" : "firstValue";
      at += 1;
    } else if (next === '"') {
      const start = at;
      if (take(textToken) === undefined) return fault(faultIn(take(openText)), start);
      state = "after";
    } else {
      if (take(literal) === undefined)
        return fault(
          next === "'"
            ? "text must be in double quotes"
            : "a value is missing, or text without double quotes",
        );
      state = "after";
    }
  }
}

function missing(level: Level | undefined): string {
  return level === undefined ? "a value is missing" : `${level.close} is missing`;
}

function faultIn(unclosed: string | undefined): string {
  return unclosed === undefined ? "a wrong escape or a control character in a text" : "a text is not closed";
}
