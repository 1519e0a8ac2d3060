/** The response of a failing registry, in place of the correct one. */
export type RegistryReply = HttpReply | BrokenConnection;

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Closes the connection after that many bytes of the body, although the full length is announced. */
  readonly cutAfter?: number;
}

/** `reset` sends RST, `end` closes without a response, `silence` never responds. */
export type BrokenConnection = "reset" | "end" | "silence";

/** An error in the format of the distribution specification. */
export function registryError(status: number, code: string, message: string): HttpReply {
  return json(status, { errors: [{ code, message }] });
}

export function json(status: number, value: unknown): HttpReply {
  return typed(status, "application/json", JSON.stringify(value));
}

/** An error page in nginx's format. */
export function page(status: number, title: string): HttpReply {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return typed(status, "text/html", body);
}

export function plain(status: number, body: string): HttpReply {
  return typed(status, "text/plain; charset=utf-8", body);
}

export function typed(status: number, type: string, body: string | Buffer): HttpReply {
  return { status, headers: { "content-type": type }, body: Buffer.from(body as string) };
}
