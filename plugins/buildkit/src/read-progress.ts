import { maxLineLength, type BuildkitStatus } from "@molecule/core";

/** The output of buildctl, in parts. */
export interface ProgressReader {
  /** Takes a line, or a part of a long one. */
  take(part: string): void;
  /** The end of the text that is not JSON: errors, and the lines of the Dockerfile that they are about. */
  readonly text: string;
}

/** Enough for the longest error. */
const maxText = 16 * 1024;
/** A step that prints one endless line is sent in chunks of a few dozen KiB. */
const maxMessage = 4 * 1024 * 1024;

/** Reads the output of `buildctl build --progress=rawjson`: one BuildKit status in JSON a line, and plain text. */
export function readProgress(onStatus: (status: BuildkitStatus) => void): ProgressReader {
  let pending = "";
  let text = "";
  const addText = (line: string): void => {
    text = `${text}${line}\n`.slice(-maxText);
  };
  return {
    take: (part) => {
      if (pending === "" && !part.startsWith("{")) {
        addText(part);
        return;
      }
      pending += part;
      const status = part.endsWith("}") ? parseStatus(pending) : undefined;
      // The line splitter ends a part one character early rather than split a surrogate pair.
      const isComplete = part.length < maxLineLength - 1 || pending.length > maxMessage;
      if (status !== undefined) onStatus(status);
      else if (!isComplete) return;
      else addText(pending.slice(0, maxText));
      pending = "";
    },
    get text() {
      return text;
    },
  };
}

interface WrittenStatus {
  readonly vertexes?: readonly WrittenVertex[];
  readonly statuses?: readonly WrittenVertexStatus[];
  readonly logs?: readonly { readonly vertex?: string; readonly stream?: number; readonly data?: string }[];
  readonly warnings?: readonly { readonly short?: string }[];
}
interface WrittenVertex {
  readonly digest?: string;
  readonly name?: string;
  readonly cached?: boolean;
  readonly started?: string;
  readonly completed?: string;
  readonly error?: string;
}
interface WrittenVertexStatus {
  readonly id?: string;
  readonly vertex?: string;
  readonly name?: string;
  readonly current?: number;
  readonly total?: number;
  readonly completed?: string;
}

/** Reads BuildKit's client.SolveStatus, in which empty fields are missing, and bytes are base64. */
function parseStatus(line: string): BuildkitStatus | undefined {
  const written = parsed(line);
  if (written === undefined) return undefined;
  const { vertexes = [], statuses = [], logs = [], warnings = [] } = written;
  return {
    vertexes: vertexes.map(({ digest = "", name = "", cached = false, started, completed, error = "" }) => ({
      digest,
      name,
      cached,
      started: started !== undefined,
      completed: completed !== undefined,
      error,
    })),
    statuses: statuses.map(({ id = "", vertex = "", name = "", current = 0, total = 0, completed }) => ({
      id,
      vertex,
      name,
      current,
      total,
      completed: completed !== undefined,
    })),
    logs: logs.map(({ vertex = "", stream = 1, data = "" }) => ({
      vertex,
      stream,
      message: Buffer.from(data, "base64"),
    })),
    warnings: warnings.map(({ short = "" }) => Buffer.from(short, "base64").toString("utf8")),
  };
}

function parsed(line: string): WrittenStatus | undefined {
  try {
    return JSON.parse(line) as WrittenStatus;
  } catch {
    return undefined;
  }
}
