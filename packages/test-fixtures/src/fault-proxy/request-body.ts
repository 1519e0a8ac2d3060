/** Finds the end of a request body. */
export interface RequestBody {
  /** How many of the bytes, starting from the first, still belong to the body. */
  take(bytes: Buffer): number;
  readonly isWhole: boolean;
}

/** Returns the body that the head of a request announces. */
export function requestBody(head: string): RequestBody {
  // The bytes that follow are no longer HTTP.
  if (header(head, "upgrade") !== undefined || head.startsWith("CONNECT ")) return endless;
  if (/\bchunked$/i.test(header(head, "transfer-encoding") ?? "")) return chunked();
  return ofLength(Number(header(head, "content-length") ?? 0));
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?) *\\r?$`, "im").exec(head)?.[1];
}

const endless: RequestBody = { take: (bytes) => bytes.length, isWhole: false };

function ofLength(length: number): RequestBody {
  let left = length;
  return {
    take: (bytes) => {
      const taken = Math.min(left, bytes.length);
      left -= taken;
      return taken;
    },
    get isWhole() {
      return left === 0;
    },
  };
}

const newline = 0x0a;

/** A chunked body: lines with a size, each followed by that many bytes, until size 0; then lines until an empty one. */
function chunked(): RequestBody {
  let line = "";
  let left = 0;
  let afterLast = false;
  let isWhole = false;

  const endLine = (): void => {
    const text = line.trim();
    line = "";
    if (afterLast) {
      isWhole = text === "";
      return;
    }
    const size = Number.parseInt(text, 16);
    afterLast = size === 0;
    // Including the line end after them.
    left = afterLast ? 0 : size + 2;
  };
  return {
    take: (bytes) => {
      let at = 0;
      while (at < bytes.length && !isWhole) {
        if (left > 0) {
          const step = Math.min(left, bytes.length - at);
          left -= step;
          at += step;
          continue;
        }
        const end = bytes.indexOf(newline, at);
        const until = end === -1 ? bytes.length : end + 1;
        line += bytes.toString("latin1", at, until);
        at = until;
        if (end !== -1) endLine();
      }
      return at;
    },
    get isWhole() {
      return isWhole;
    },
  };
}
