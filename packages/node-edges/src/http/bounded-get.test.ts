import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Fetch } from "@molecule/core";
import { boundedGet, type BoundedResponse } from "./bounded-get.js";

const maxBytes = 65_536;
const servers: Server[] = [];

interface Site {
  readonly origin: string;
  readonly requests: IncomingMessage[];
  /** Resolves when the server has seen every connection that brought a request close. */
  closed(): Promise<void>;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    requests,
    async closed() {
      for (const { socket } of requests) {
        // Not events.once, which rejects on the connection reset that comes first.
        if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
      }
    },
  };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Options {
  readonly headers?: Record<string, string>;
  readonly deadlineMs?: number;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
  readonly method?: "HEAD";
  readonly allowsOtherOrigins?: boolean;
}

function get(url: string, options: Options = {}): Promise<BoundedResponse> {
  return boundedGet(fetch, url, {
    maxBytes,
    deadlineMs: 10_000,
    signal: new AbortController().signal,
    ...options,
  });
}

const redirectTo =
  (location: string, status = 302) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { location }).end("moved");
  };

describe("a response", () => {
  test("has its status, type, body and URL", async () => {
    const site = await serve((_request, response) => {
      response
        .writeHead(404, { "content-type": "application/json;charset=utf-8" })
        .end('{"message":"größer"}');
    });
    expect(await get(`${site.origin}/api?x=1`)).toMatchObject({
      status: 404,
      url: `${site.origin}/api?x=1`,
      contentType: "application/json;charset=utf-8",
      body: '{"message":"größer"}',
    });
  });

  test("may be empty and without a type", async () => {
    const site = await serve((_request, response) => response.writeHead(204).end());
    expect(await get(site.origin)).toMatchObject({ status: 204, contentType: "", body: "" });
  });

  test.each([500, 503, 300, 304, 401])("with status %d is returned like any other", async (status) => {
    const site = await serve((_request, response) => response.writeHead(status).end());
    expect((await get(site.origin)).status).toBe(status);
  });

  test("may have as many bytes as allowed, and characters split across chunks", async () => {
    const body = "é".repeat(maxBytes / 2);
    const site = await serve((_request, response) => {
      response.write(Buffer.from(body).subarray(0, 1001));
      setTimeout(() => response.end(Buffer.from(body).subarray(1001)), 20);
    });
    expect((await get(site.origin)).body).toBe(body);
  });

  test("is requested with the caller's headers, and without encoding", async () => {
    const site = await serve((_request, response) => response.end("{}"));
    await get(site.origin, { headers: { authorization: "token abcdefgh" } });
    expect(site.requests[0]?.method).toBe("GET");
    expect(site.requests[0]?.headers).toMatchObject({
      authorization: "token abcdefgh",
      accept: "application/json",
      "accept-encoding": "identity",
    });
  });

  test("is decoded if the server encodes it anyway", async () => {
    const site = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync('{"a":1}'));
    });
    expect((await get(site.origin)).body).toBe('{"a":1}');
  });
});

describe("a body that is too long is SOURCE_MALFORMED", () => {
  test.each<readonly [string, (response: ServerResponse) => void]>([
    ["one byte more, chunked", (response) => response.write("x".repeat(maxBytes + 1))],
    [
      "chunk after chunk without end",
      (response) => {
        const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
        response.on("close", () => {
          clearInterval(timer);
        });
      },
    ],
    [
      "announced only",
      (response) => {
        response.writeHead(200, { "content-length": String(maxBytes + 1) }).flushHeaders();
      },
    ],
    [
      "of a redirect",
      (response) => response.writeHead(302, { location: "/" }).write("x".repeat(maxBytes + 1)),
    ],
  ])(
    "%s, and the connection is closed",
    async (_name, answer) => {
      const site = await serve((_request, response) => {
        answer(response);
      });
      // With a deadline that cannot close the connection first.
      const response = get(site.origin, { deadlineMs: 600_000 });
      await expect(response).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
      await site.closed();
      expect(site.requests).toHaveLength(1);
    },
    20_000,
  );

  test.each<readonly [string, (response: ServerResponse) => void]>([
    ["announced and sent", (response) => response.end("x".repeat(maxBytes + 1))],
    ["of an error", (response) => response.writeHead(500).end("x".repeat(maxBytes + 1))],
    [
      "small in gzip",
      (response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(2 ** 26))),
    ],
    [
      "small in brotli",
      (response) =>
        response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(Buffer.alloc(2 ** 22))),
    ],
  ])("%s", async (_name, answer) => {
    const site = await serve((_request, response) => {
      answer(response);
    });
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests).toHaveLength(1);
  });
});

describe("exceeding the deadline is SOURCE_UNREACHABLE, and the connection is closed", () => {
  test.each<readonly [string, (response: ServerResponse) => void]>([
    ["no answer at all", () => undefined],
    [
      "headers only",
      (response) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    [
      "a byte now and then",
      (response) => {
        const timer = setInterval(() => response.write("x"), 20);
        response.on("close", () => {
          clearInterval(timer);
        });
      },
    ],
  ])("%s", async (_name, answer) => {
    const site = await serve((_request, response) => {
      answer(response);
    });
    const before = performance.now();
    await expect(get(site.origin, { deadlineMs: 200 })).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("0.2 s"),
    });
    expect(performance.now() - before).toBeLessThan(5000);
    await site.closed();
  });

  test("an idle timeout ends it before the deadline; a slow but steady response is read to its end", async () => {
    const site = await serve((request, response) => {
      response.writeHead(200);
      let left = 15;
      const timer = setInterval(() => {
        response.write("x");
        if (--left > 0) return;
        clearInterval(timer);
        if (request.url === "/steady") response.end();
      }, 100);
    });
    // Longer than the idle timeout in total, but with much shorter pauses.
    expect(await get(`${site.origin}/steady`, { idleMs: 1_000 })).toMatchObject({ body: "x".repeat(15) });
    await expect(get(site.origin, { idleMs: 1_000 })).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("no data for"),
    });
    await site.closed();
  });

  test("the deadline covers the first response and the redirected one together", async () => {
    const deadlineMs = 2_000;
    let redirected = 0;
    const site = await serve((request, response) => {
      if (request.url === "/new") return;
      setTimeout(() => {
        redirected = performance.now();
        redirectTo("/new")(request, response);
      }, deadlineMs / 2);
    });
    await expect(get(site.origin, { deadlineMs })).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    // With a deadline of its own, the redirected one would have taken all of it.
    expect(performance.now() - redirected).toBeLessThan(deadlineMs);
    expect(site.requests.map(({ url }) => url)).toEqual(["/", "/new"]);
  });
});

describe("a redirect within the origin is followed, three times", () => {
  test.each([301, 302, 303, 307, 308])(
    "%d, with the headers, and the response has the final URL",
    async (status) => {
      const site = await serve((request, response) => {
        if (request.url === "/new/name") response.end("here");
        else redirectTo("/new/name", status)(request, response);
      });
      const answer = await get(`${site.origin}/old/name`, { headers: { authorization: "token abcdefgh" } });
      expect(answer).toMatchObject({ status: 200, url: `${site.origin}/new/name`, body: "here" });
      expect(site.requests.map(({ headers }) => headers.authorization)).toEqual([
        "token abcdefgh",
        "token abcdefgh",
      ]);
    },
  );

  test("if it is relative to the path, or a full URL", async () => {
    const site = await serve((request, response) => {
      if (request.url === "/a/old") redirectTo("new")(request, response);
      else if (request.url === "/b/old") redirectTo(`${site.origin}/a/new`)(request, response);
      else response.end();
    });
    expect((await get(`${site.origin}/a/old`)).url).toBe(`${site.origin}/a/new`);
    expect((await get(`${site.origin}/b/old`)).url).toBe(`${site.origin}/a/new`);
  });

  test("a fourth one is SOURCE_MALFORMED", async () => {
    const site = await serve((request, response) => {
      redirectTo(`${request.url ?? ""}x`)(request, response);
    });
    await expect(get(`${site.origin}/`)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests.map(({ url }) => url)).toEqual(["/", "/x", "/xx", "/xxx"]);
  });
});

describe("a redirect to nowhere or another origin is SOURCE_MALFORMED and not followed", () => {
  test("to another port", async () => {
    const other = await serve((_request, response) => response.end("{}"));
    const site = await serve(redirectTo(`${other.origin}/`));
    await expect(get(site.origin, { headers: { authorization: "token abcdefgh" } })).rejects.toMatchObject({
      code: "SOURCE_MALFORMED",
      message: expect.stringContaining(other.origin),
    });
    expect(other.requests).toHaveLength(0);
  });

  test("to another port, from the second response", async () => {
    const other = await serve((_request, response) => response.end("{}"));
    const site = await serve((request, response) => {
      redirectTo(request.url === "/" ? "/second" : `${other.origin}/`)(request, response);
    });
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(other.requests).toHaveLength(0);
  });

  test.each([
    "//127.0.0.1:1/",
    "/\\127.0.0.1:1/",
    "http://localhost:1/",
    "http://169.254.169.254/latest/meta-data/",
    "https:/x",
    "file:///etc/passwd",
    "data:application/json,{}",
    "http://",
    "http://[",
  ])("%s", async (location) => {
    const site = await serve(redirectTo(location));
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests).toHaveLength(1);
  });

  test("to the same place over https", async () => {
    const site = await serve((request, response) => {
      redirectTo(`https://${request.headers.host ?? ""}/`)(request, response);
    });
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests).toHaveLength(1);
  });

  test.each(["u:p@", "u@", ":p@"])(
    "to the same origin with credentials chosen by the server, %s",
    async (userinfo) => {
      const site = await serve((request, response) => {
        redirectTo(`http://${userinfo}${request.headers.host ?? ""}/other`)(request, response);
      });
      await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
      expect(site.requests).toHaveLength(1);
    },
  );

  test("without a location", async () => {
    const site = await serve((_request, response) => response.writeHead(302).end());
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests).toHaveLength(1);
  });
});

describe("a caller that aborts gets its own reason", () => {
  test("before anything was sent", async () => {
    const site = await serve((_request, response) => response.end());
    const reason = new Error("not any more");
    await expect(get(site.origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(site.requests).toHaveLength(0);
  });

  test.each<readonly [string, (response: ServerResponse) => void]>([
    ["the headers", () => undefined],
    ["the rest of the body", (response) => void response.writeHead(200).write("{")],
  ])("while it waits for %s, and the connection is closed", async (_name, answer) => {
    const controller = new AbortController();
    const reason = new Error("not any more");
    const site = await serve((_request, response) => {
      answer(response);
      setTimeout(() => {
        controller.abort(reason);
      }, 50);
    });
    await expect(get(site.origin, { signal: controller.signal })).rejects.toBe(reason);
    await site.closed();
  });
});

describe("a server that fails is SOURCE_UNREACHABLE", () => {
  test("if nobody listens", async () => {
    const site = await serve(() => undefined);
    const [server] = servers.splice(0);
    if (server !== undefined) await once(server.close(), "close");
    await expect(get(site.origin)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining(site.origin),
    });
  });

  test.each<readonly [string, (response: ServerResponse) => void]>([
    ["before the headers", (response) => response.socket?.destroy()],
    ["inside a chunked body", (response) => response.write("{", () => response.socket?.destroy())],
    [
      "before the announced end",
      (response) =>
        response.writeHead(200, { "content-length": "10" }).write("{", () => response.socket?.destroy()),
    ],
    [
      "in its own encoding",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("this is no gzip"),
    ],
    ["in HTTP itself", (response) => response.socket?.end("220 mail.example.com ESMTP\r\n")],
  ])("if it disconnects %s", async (_name, answer) => {
    const site = await serve((_request, response) => {
      answer(response);
    });
    await expect(get(site.origin)).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("if the edge rejects with a value that is not an error", async () => {
    const refusing = (): Promise<never> => Promise.reject("no proxy");
    await expect(
      boundedGet(refusing, "http://127.0.0.1/", {
        maxBytes,
        deadlineMs: 1000,
        signal: new AbortController().signal,
      }),
    ).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("no proxy"),
    });
  });
});

describe("a redirect to another origin, if the request allows it", () => {
  const allowing = { allowsOtherOrigins: true, headers: { authorization: "token abcdefgh" } };

  test("is followed without the headers, also back to the first origin", async () => {
    const other = await serve((_request, response) => {
      redirectTo(`${site.origin}/back`)(_request, response);
    });
    const site = await serve((request, response) => {
      if (request.url === "/back") response.end("here");
      else redirectTo(`${other.origin}/`)(request, response);
    });
    expect(await get(site.origin, allowing)).toMatchObject({ body: "here", url: `${site.origin}/back` });
    const sent = [...site.requests, ...other.requests].map(({ headers }) => headers.authorization);
    expect(sent).toEqual(["token abcdefgh", undefined, undefined]);
  });

  test.each([
    "http://169.254.169.254/",
    "http://blobs.example/",
    "file:///x",
    "https://user:pass@blobs.example/",
  ])("is SOURCE_MALFORMED to %s", async (location) => {
    const site = await serve(redirectTo(location));
    await expect(get(site.origin, allowing)).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(site.requests).toHaveLength(1);
  });

  test("is SOURCE_MALFORMED from elsewhere to this machine", async () => {
    const urls: string[] = [];
    const elsewhere: Fetch = async (url) => {
      urls.push(url);
      return new Response("", { status: 302, headers: { location: "https://localhost:1/" } });
    };
    const response = boundedGet(elsewhere, "https://r.example/", {
      ...allowing,
      maxBytes,
      deadlineMs: 10_000,
      signal: new AbortController().signal,
    });
    await expect(response).rejects.toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(urls).toEqual(["https://r.example/"]);
  });
});

test("a HEAD request returns the headers only", async () => {
  const site = await serve((request, response) => {
    response.writeHead(200, { "content-length": "17", "x-method": request.method ?? "" }).end();
  });
  const response = await get(site.origin, { method: "HEAD" });
  expect(response).toMatchObject({ status: 200, body: "" });
  expect(response.header("x-method")).toBe("HEAD");
});
