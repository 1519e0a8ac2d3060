import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { PushRequest, PushResponse } from "./push-request.js";

/** Larger than the events of forges, which list at most some dozens of commits. */
export const maxBodyBytes = 1024 * 1024;
const deadlineMs = 10_000;

/** Reads a request, within a limit of size and time, and sends the response of `receive`. */
export function pushHandler(
  receive: (request: PushRequest) => PushResponse,
  refused: (status: number, error: string) => PushResponse,
): RequestListener {
  return (request, response) => {
    if (request.method !== "POST") {
      response.setHeader("allow", "POST");
      send(response, refused(405, "the method is not POST"));
      return;
    }
    void readBody(request).then((body) => {
      if (body === "gone") return;
      if (typeof body !== "string") {
        send(response, receive({ headers: request.headers, body }));
        return;
      }
      // The rest of the body is not read, so the connection cannot be used again.
      response.setHeader("connection", "close");
      response.once("finish", () => request.destroy());
      send(
        response,
        body === "slow"
          ? refused(408, "the body did not arrive in time")
          : refused(413, "the body is too large"),
      );
    });
  };
}

/** Resolves with the body, or with why it was not read. Never rejects. */
function readBody(request: IncomingMessage): Promise<Buffer | "gone" | "slow" | "large"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (result: Buffer | "gone" | "slow" | "large"): void => {
      clearTimeout(timer);
      request.removeListener("data", add);
      request.pause();
      resolve(result);
    };
    const timer = setTimeout(() => {
      end("slow");
    }, deadlineMs);
    const add = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBodyBytes) end("large");
      else chunks.push(chunk);
    };
    request.on("data", add);
    request.once("end", () => {
      end(Buffer.concat(chunks));
    });
    for (const event of ["error", "close"]) {
      request.once(event, () => {
        end("gone");
      });
    }
  });
}

function send(response: ServerResponse, { status, body }: PushResponse): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
