import { createServer } from "node:https";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseCommitSha, silentLog, silentReport, type ImageSourceError } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { makeAuthority, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";

/* Failures of git on a forge whose API has just responded. */

let root: TemporaryDirectory;
let forge: Forge;
let sha: string;
beforeEach(async () => {
  root = await temporaryDirectory();
  forge = await startForge();
  sha = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});
afterEach(async () => {
  await forge.stop();
  await root.remove();
});

const authorization = `Basic ${Buffer.from("x-access-token:s3cret-t0ken").toString("base64")}`;

interface Settings {
  readonly url?: string;
  readonly hasToken?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function failure({ url, hasToken = false, env = {} }: Settings = {}): Promise<ImageSourceError> {
  const fetched = checkOut({
    remote: {
      url: url ?? `${forge.repoPrefix()}hermes.git`,
      branch: "main",
      authorization: hasToken ? authorization : undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    commit: parseCommitSha(sha),
    store: createStore({ directory: join(root.path, "cache"), env: {} }),
    name: `hermes/${sha.slice(0, 12)}`,
    env: { PATH: process.env["PATH"], ...env },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
  });
  return fetched.then(
    async ({ settle }) => {
      await settle();
      throw new Error("the fetch did not fail");
    },
    (error: unknown) => error as ImageSourceError,
  );
}

describe("a refusal of git but not of the API", () => {
  test("reports that git over HTTP is disabled, with or without a token", async () => {
    forge.disableGit();
    for (const hasToken of [false, true]) {
      const error = await failure({ hasToken });
      expect(error).toMatchObject({ code: "SOURCE_DENIED", transient: null });
      expect(error.message).toContain("Interacting with repositories by HTTP protocol is not allowed");
      expect(error.hint).toContain("DISABLE_HTTP_GIT");
      expect(error.hint).not.toContain("TOKEN");
    }
  });

  test("quotes other messages of the server: on one line, escaped and shortened", async () => {
    const body = `no \u001b[31mentry\nhere ${"x".repeat(150)} ${"y".repeat(150)}\n`;
    forge.fault("git", { status: 403, headers: { "content-type": "text/plain" }, body });
    const { message, hint } = await failure({ hasToken: true });
    expect(message).toContain("error: 403: no \\u001b[31mentry here xxx");
    expect(message).not.toMatch(/\n|\p{Cc}|yy/u);
    expect(hint).toContain("MOLECULE_GITEA_TOKEN");
  });

  test.each([401, 403, 404])("%i has a hint that matches the token", async (status) => {
    forge.fault("git", { status, body: "no" });
    expect((await failure()).hint).toMatch(/MOLECULE_GITEA_TOKEN/);
    const { hint } = await failure({ hasToken: true });
    expect(hint).toMatch(/token in MOLECULE_GITEA_TOKEN/);
    expect(hint).not.toMatch(/^Set/);
  });

  test("is reported during a fetch, too", async () => {
    forge.fault(/git-upload-pack$/, { status: 403, body: "no" });
    expect(await failure()).toMatchObject({ code: "SOURCE_DENIED" });
  });
});

describe("a server that asks the client to wait", () => {
  test.each<[status: number, headers: Record<string, string>, afterMs: number | undefined]>([
    [429, { "retry-after": "7" }, 7_000],
    [503, { "Retry-After": "Tue, 24 Nov 2026 10:00:09 GMT", date: "Tue, 24 Nov 2026 10:00:00 GMT" }, 9_000],
    [429, {}, undefined],
    [502, { "retry-after": "soon" }, undefined],
  ])("honours %i with %j", async (status, headers, afterMs) => {
    forge.fault("git", { status, headers, body: "slow down" });
    const error = await failure({ hasToken: true });
    expect(error).toMatchObject({ code: "SOURCE_UNREACHABLE", transient: { afterMs } });
    expect(/rate limited/.test(error.message)).toBe(status === 429);
    expect(`${error.message}${error.output ?? ""}`).not.toMatch(/Recv header|http\.c|authorization/i);
  });

  test("is honoured during a fetch", async () => {
    forge.fault(/git-upload-pack$/, { status: 429, headers: { "retry-after": "5" }, body: "" });
    const error = await failure();
    expect(error).toMatchObject({ code: "SOURCE_UNREACHABLE", transient: { afterMs: 5_000 } });
    expect(error.message).toContain("rate limited");
  });
});

describe("a change since the lookup causes another lookup", () => {
  test("a renamed repository, and its new address", async () => {
    forge.rename("hermes", "new-name");
    const error = await failure();
    expect(error).toMatchObject({ code: "CHECKOUT_FAILED", again: true });
    expect(error.hint).toContain("/molecule-ai/new-name");
  });

  test("a repository that was removed", async () => {
    forge.fault("git", { status: 404, body: "Not found.\n" });
    expect(await failure()).toMatchObject({ code: "SOURCE_NOT_FOUND", again: true });
  });

  test("a redirect to another origin is named", async () => {
    forge.fault("git", (_request, response) => {
      response.writeHead(301, { location: "https://git.example/a/b.git/info/refs" }).end();
    });
    expect((await failure()).hint).toContain("https://git.example");
  });
});

test("a login page in place of git is reported as a wrong address", async () => {
  forge.fault("git", { headers: { "content-type": "text/html" }, body: "<title>Sign in</title>" });
  const error = await failure();
  expect(error).toMatchObject({ code: "CHECKOUT_FAILED" });
  expect(error.hint).toContain("login page");
});

describe("TLS", () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { url = "", method, headers } = request;
    const onward = httpRequest(new URL(url, forge.baseUrl), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  }

  test.each([
    ["127.0.0.1", "past", true, /valid now|expired/, /clock/],
    ["127.0.0.1", "future", true, /valid now|not valid yet/, /clock/],
    ["other.example", "now", true, /another host/, /host name/],
    ["127.0.0.1", "now", false, /trusted authority|self-signed/, /NODE_EXTRA_CA_CERTS/],
  ] as const)("a certificate for %s, valid %s, trusted: %s", async (host, validity, isTrusted, why, hint) => {
    const authority = await makeAuthority(root.path);
    const server = createServer(await authority.issue(host, validity), forward);
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `${forge.repoPrefix()}hermes.git`.replace(
      /^http:\/\/[^/]*/,
      `https://127.0.0.1:${String(port)}`,
    );
    const error = await failure({ url, env: isTrusted ? { NODE_EXTRA_CA_CERTS: authority.file } : {} });
    expect(error).toMatchObject({ code: "SOURCE_UNREACHABLE", transient: null });
    expect(error.message).toMatch(why);
    expect(error.hint).toMatch(hint);
  });

  test("a plain http port", async () => {
    const url = `${forge.repoPrefix()}hermes.git`.replace("http:", "https:");
    const error = await failure({ url });
    expect(error.message).toContain("does not speak TLS");
    expect(error.hint).toContain("http://");
  });
});
