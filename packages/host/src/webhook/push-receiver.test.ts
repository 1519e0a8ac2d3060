import { createHmac } from "node:crypto";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Log, Upstream } from "@molecule/core";
import { createPushReceiver } from "../create-push-receiver.js";
import type { PushReceiver, PushReceiverOptions } from "./push-receiver.js";
import type { PushResponse } from "./push-request.js";

const secret = "correct-horse";
const repository = "https://git.example.com/acme/template-hermes";
const upstreams: Readonly<Record<string, Upstream>> = {
  hermes: { repository, branch: undefined },
  codex: { repository: "https://git.example.com/sub/path/acme/template-codex.git", branch: "release/1" },
};

const gitea = (changes: object = {}): object => ({
  ref: "refs/heads/main",
  after: "1".repeat(40),
  repository: { full_name: "Acme/template-hermes", default_branch: "main" },
  ...changes,
});
const gitlab = (changes: object = {}): object => ({
  object_kind: "push",
  ref: "refs/heads/main",
  after: "1".repeat(40),
  project: { path_with_namespace: "acme/template-hermes", default_branch: "main" },
  ...changes,
});

const signed = (body: string, key = secret): string => createHmac("sha256", key).update(body).digest("hex");

interface Sent {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The headers and body as each forge sends them. */
const forges: Readonly<Record<string, (payload: object, key?: string) => Sent>> = {
  Gitea: (payload, key) => {
    const body = JSON.stringify(payload);
    const signature = signed(body, key);
    const both = { "x-gitea-signature": signature, "x-hub-signature-256": `sha256=${signature}` };
    return {
      headers: { ...both, "x-gitea-event": "push", "x-github-event": "push" },
      body: Buffer.from(body),
    };
  },
  Forgejo: (payload, key) => {
    const body = JSON.stringify(payload);
    const headers = { "x-forgejo-event": "push", "x-forgejo-signature": signed(body, key) };
    return { headers, body: Buffer.from(body) };
  },
  GitHub: (payload, key) => {
    const body = JSON.stringify(payload);
    const headers = { "x-github-event": "push", "x-hub-signature-256": `sha256=${signed(body, key)}` };
    return { headers, body: Buffer.from(body) };
  },
  "GitHub as a form": (payload, key) => {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-github-event": "push",
      "x-hub-signature-256": `sha256=${signed(body, key)}`,
    };
    return { headers, body: Buffer.from(body) };
  },
  GitLab: (payload, key = secret) => ({
    headers: { "x-gitlab-event": "Push Hook", "x-gitlab-token": key },
    body: Buffer.from(JSON.stringify(payload)),
  }),
};
const payloadOf = (forge: string, changes: object = {}): object =>
  forge === "GitLab" ? gitlab(changes) : gitea(changes);
const from = (forge: string, payload: object, key?: string): Sent => {
  const send = forges[forge];
  if (send === undefined) throw new Error(`no forge ${forge}`);
  return send(payload, key);
};

async function open(changes: Partial<PushReceiverOptions> = {}) {
  const lines: string[] = [];
  const line = (message: string, fields?: object): void => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  const log: Log = { debug: () => undefined, info: line, warn: line, error: line };
  const receiver = await createPushReceiver({
    images: { upstreamOf: (runtime) => upstreams[runtime] },
    runtimes: ["hermes", "codex", "pinned"],
    secret,
    log,
    ...changes,
  });
  const announced: string[] = [];
  receiver.events.subscribe((runtime) => announced.push(runtime));
  return { receiver, announced, lines };
}

describe.each(Object.keys(forges))("a push of %s", (forge) => {
  test("to a watched branch is announced", async () => {
    const { receiver, announced } = await open();
    expect(receiver.receive(from(forge, payloadOf(forge)))).toEqual({
      status: 202,
      body: { runtimes: ["hermes"] },
    });
    expect(announced).toEqual(["hermes"]);
  });

  test("is refused with another secret", async () => {
    const { receiver, announced, lines } = await open();
    const { status, body } = receiver.receive(from(forge, payloadOf(forge), "correct-h0rse"));
    expect({ status, body }).toEqual({ status: 401, body: { error: "the signature is missing or wrong" } });
    expect(announced).toEqual([]);
    expect(lines.join("\n")).toContain("refused a webhook request");
    expect(lines.join("\n")).not.toMatch(/correct-h/);
  });

  test("is announced once, however often it is sent", async () => {
    const { receiver, announced } = await open();
    const push = from(forge, payloadOf(forge));
    const statuses = Array.from({ length: 1000 }, () => receiver.receive(push).status);
    expect(new Set(statuses.slice(1))).toEqual(new Set([200]));
    expect(announced).toEqual(["hermes"]);
  });

  test.each([
    ["a tag", { ref: "refs/tags/v1" }],
    ["another branch", { ref: "refs/heads/feature" }],
    ["a deleted branch", { after: "0".repeat(40) }],
    ["a branch whose name is no text", { ref: ["refs/heads/main"] }],
  ])("to %s is ignored", async (_what, changes) => {
    const { receiver, announced } = await open();
    expect(receiver.receive(from(forge, payloadOf(forge, changes))).status).toBe(200);
    expect(announced).toEqual([]);
  });
});

test("only the configured branch of a repository counts, and its path may be longer", async () => {
  const { receiver, announced } = await open();
  const push = (branch: string): PushResponse =>
    receiver.receive(
      from(
        "Gitea",
        gitea({
          ref: `refs/heads/${branch}`,
          repository: { full_name: "acme/template-codex", default_branch: "main" },
        }),
      ),
    );
  expect([push("main").status, push("release/1").status]).toEqual([200, 202]);
  expect(announced).toEqual(["codex"]);
});

test("without a configured branch, the repository's default branch counts", async () => {
  const { receiver, announced } = await open();
  const trunk = gitea({
    ref: "refs/heads/trunk",
    repository: { full_name: "acme/template-hermes", default_branch: "trunk" },
  });
  receiver.receive(from("Gitea", trunk));
  expect(announced).toEqual(["hermes"]);
});

test.each([
  ["another repository", { repository: { full_name: "evil/template-hermes" } }],
  ["the end of a repository's name", { repository: { full_name: "hermes" } }],
  ["no repository", { repository: null }],
])("a push to %s is ignored", async (_what, changes) => {
  const { receiver, announced } = await open();
  expect(receiver.receive(from("Gitea", gitea(changes))).status).toBe(200);
  expect(announced).toEqual([]);
});

test("JSON with the content type of a form, as from curl, is accepted", async () => {
  const { receiver, announced } = await open();
  const { headers, body } = from("Gitea", gitea());
  const type = { "content-type": "application/x-www-form-urlencoded" };
  expect(receiver.receive({ headers: { ...headers, ...type }, body }).status).toBe(202);
  expect(announced).toEqual(["hermes"]);
});

test("other events are ignored", async () => {
  const { receiver } = await open();
  const { headers, body } = from("GitHub", { zen: "Keep it logically awesome." });
  expect(receiver.receive({ headers: { ...headers, "x-github-event": "ping" }, body })).toEqual({
    status: 200,
    body: { ignored: "the event is not a push" },
  });
});

test.each([
  ["no signature", () => ({})],
  ["an empty signature", () => ({ "x-gitea-signature": "" })],
  ["half a signature", (signature) => ({ "x-gitea-signature": signature.slice(0, 32) })],
  [
    "one right and one wrong signature",
    (signature) => ({ "x-gitea-signature": signature, "x-hub-signature-256": "sha256=00" }),
  ],
  ["a signature without a key", () => ({ "x-gitea-signature": signed("{}", "") })],
] as [string, (signature: string) => IncomingHttpHeaders][])("refuses %s", async (_what, headersFor) => {
  const { receiver, announced } = await open();
  const body = JSON.stringify(gitea());
  const headers = { "x-gitea-event": "push", ...headersFor(signed(body)) };
  expect(receiver.receive({ headers, body: Buffer.from(body) }).status).toBe(401);
  expect(announced).toEqual([]);
});

test("a flood of refused requests is one line in the log", async () => {
  const { receiver, lines } = await open();
  for (let sent = 0; sent < 1000; sent++) receiver.receive({ headers: {}, body: Buffer.from(String(sent)) });
  expect(lines).toHaveLength(1);
});

test.each(["not JSON", "[", "[]", "null", "7", ""])("a signed body of %j does no harm", async (body) => {
  const { receiver, announced } = await open();
  const headers = { "x-gitea-event": "push", "x-gitea-signature": signed(body) };
  expect([200, 400]).toContain(receiver.receive({ headers, body: Buffer.from(body) }).status);
  expect(announced).toEqual([]);
});

test("a request without a body is refused", async () => {
  const { receiver, announced } = await open();
  const headers = { "x-gitea-event": "push", "x-gitea-signature": signed("another body") };
  expect(receiver.receive({ headers, body: undefined }).status).toBe(401);
  expect(announced).toEqual([]);
});

test("lists the runtimes that follow a branch", async () => {
  const { receiver } = await open();
  expect(receiver.runtimes).toEqual(["hermes", "codex"]);
});

test.each([undefined, "", "short", 12345678])("the secret %j is refused", async (unusable) => {
  await expect(open({ secret: unusable as string })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: "the secret of a webhook must have at least 8 characters",
    hint: expect.stringContaining("openssl rand -hex 32"),
  });
});

describe("the handler", () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  async function serve(): Promise<{ port: number; receiver: PushReceiver; announced: string[] }> {
    const { receiver, announced } = await open();
    const started = (server = createServer(receiver.handler));
    await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
    return { port: (started.address() as AddressInfo).port, receiver, announced };
  }

  const post = (port: number, { headers, body }: Sent): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const sending = httpRequest({ port, host: "127.0.0.1", method: "POST", headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      sending.on("error", reject);
      sending.end(body);
    });

  test("receives a push over HTTP", async () => {
    const { port, announced } = await serve();
    expect(await post(port, from("Gitea", gitea()))).toEqual({
      status: 202,
      text: '{"runtimes":["hermes"]}\n',
    });
    expect(announced).toEqual(["hermes"]);
  });

  test("other methods are refused", async () => {
    const { port } = await serve();
    const response = await fetch(`http://127.0.0.1:${String(port)}/`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("a body of 10 MB is refused before it has arrived", async () => {
    const { port, announced } = await serve();
    let received = "";
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n");
    socket.write(Buffer.alloc(2_000_000));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(received).toMatch(/^HTTP\/1.1 413 /);
    expect(announced).toEqual([]);
  });

  test("a body that does not arrive within ten seconds is refused", async () => {
    const { port } = await serve();
    let received = "";
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    const trickle = setInterval(() => socket.write(" "), 1000);
    await new Promise((resolve) => socket.once("close", resolve));
    clearInterval(trickle);
    expect(received).toMatch(/^HTTP\/1.1 408 /);
  }, 30_000);

  test("a connection that is cut halfway leaves nothing", async () => {
    const { port, announced } = await serve();
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await post(port, from("Gitea", gitea()))).status).toBe(202);
    expect(announced).toEqual(["hermes"]);
  });
});
