/*
 * git itself reports only the status of a response. Its trace also has the headers; it is on standard error, between
 * git's own lines. Measured with git 2.39.5:
 *
 * 01:59:50.642893 http.c:684              <= Recv header: HTTP/1.1 429 Too Many Requests
 * 01:59:50.642899 http.c:684              <= Recv header: retry-after: 7
 */

/** Enables the trace. git redacts credentials in it and omits data. */
export const traceVariable = { GIT_CURL_VERBOSE: "1" } as const;

const statusLine = /<= Recv header: HTTP\/[\d.]+ (\d{3})\b/;
const headerLine = /<= Recv header: ([\w-]+): *([^\r\n]*)/;

/** The server's last response. */
export interface TracedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Whether a line, split at line breaks of any kind, belongs to the trace. */
export function isTrace(line: string): boolean {
  return /^\d\d:\d\d:\d\d\.\d+ [\w./-]+\.[ch]:\d+ /.test(line);
}

/** Separates the trace from git's other standard error output. */
export function splitTrace(stderr: string): {
  readonly text: string;
  readonly response: TracedResponse | undefined;
} {
  const lines = stderr.split("\n");
  const traced: string[] = [];
  // A progress line ends with a carriage return: a trace line may follow it without a line break.
  const text = lines.flatMap((line) => {
    const at = /(?:^|\r)(?=\d\d:\d\d:\d\d\.\d+ [\w./-]+\.[ch]:\d+ )/.exec(line);
    if (at === null) return [line];
    const start = at.index + at[0].length;
    traced.push(line.slice(start));
    return start === 0 ? [] : [line.slice(0, start)];
  });
  return { text: text.join("\n"), response: lastResponse(traced) };
}

function lastResponse(traced: readonly string[]): TracedResponse | undefined {
  let status: number | undefined;
  let headers = new Map<string, string>();
  for (const line of traced) {
    const [, code] = statusLine.exec(line) ?? [];
    if (code !== undefined) {
      status = Number(code);
      headers = new Map();
    }
    const [, name = "", value = ""] = headerLine.exec(line) ?? [];
    if (name !== "") headers.set(name.toLowerCase(), value.trim());
  }
  return status === undefined
    ? undefined
    : { status, headers: { get: (name) => headers.get(name.toLowerCase()) ?? null } };
}
