import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { cancelled } from "@molecule/core";
import { startForge, type FaultHandler } from "@molecule/testkit";
import { hermesApi, token, withForge } from "./gitea-forge.test.support.js";

const lookUps = withForge();
const branch = `${hermesApi}/branches/main`;
const newApi = "/api/v1/repos/acme/new-name";

function redirect(location: string, status = 301): { status: number; headers: Record<string, string> } {
  return { status, headers: { location } };
}

describe("a forge that does not respond", () => {
  test("is unreachable if nothing listens", async () => {
    const gone = await startForge();
    await gone.stop();
    expect(await lookUps.failure({ repoPrefix: gone.repoPrefix() })).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining(gone.baseUrl),
      // It may be restarting.
      transient: expect.anything(),
    });
  });

  test("is unreachable if it closes the connection", async () => {
    lookUps.forge.fault("api", { reset: true });
    expect(await lookUps.failure()).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      transient: expect.anything(),
    });
  });

  test("is unreachable if it closes the connection inside the body", async () => {
    lookUps.forge.fault("api", (_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"name"', () => response.destroy());
    });
    expect(await lookUps.failure()).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      transient: expect.anything(),
    });
  });

  const silent: FaultHandler = () => undefined;
  const dripping: FaultHandler = (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 5);
    response.on("close", () => {
      clearInterval(timer);
    });
  };
  test.each([
    ["says nothing", silent],
    ["drips", dripping],
  ])("that %s is abandoned when the caller aborts, and the connection closes", async (_what, handler) => {
    const caller = new AbortController();
    let closed: Promise<void> = Promise.reject(new Error("nothing was asked"));
    closed.catch(() => undefined);
    lookUps.forge.fault("api", (request, response) => {
      closed = new Promise((resolve) => {
        request.socket.once("close", () => {
          resolve();
        });
      });
      handler(request, response);
      setTimeout(() => {
        caller.abort(cancelled());
      }, 50);
    });
    expect(await lookUps.failure({}, caller.signal)).toMatchObject({ code: "CANCELLED" });
    await closed;
  });

  test("is abandoned after half a minute of dripping", async () => {
    lookUps.forge.fault("api", dripping);
    const { setTimeout: startTimer } = globalThis;
    const shortened = jest
      .spyOn(globalThis, "setTimeout")
      .mockImplementation(((callback: () => void, ms: number, ...args: []) =>
        startTimer(callback, ms === 30_000 ? 100 : ms, ...args)) as typeof setTimeout);
    try {
      expect(await lookUps.failure()).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("no complete response within 30 s"),
      });
    } finally {
      shortened.mockRestore();
    }
  });

  test.each([
    ["is", {}, Buffer.alloc(65_537, " ")],
    ["is announced to be", { "content-length": "65537" }, undefined],
  ])(
    "loses its connection if a body that %s too long arrives",
    async (_what, headers, body) => {
      let closed: Promise<void> = Promise.reject(new Error("nothing was asked"));
      closed.catch(() => undefined);
      lookUps.forge.fault("api", (request, response) => {
        closed = new Promise((resolve) => {
          request.socket.once("close", () => {
            resolve();
          });
        });
        response.writeHead(200, headers);
        if (body === undefined) response.flushHeaders();
        else response.write(body);
      });
      expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
      await closed;
      // Soon: the garbage collector eventually closes an unread body, too.
    },
    10_000,
  );
});

describe("a renamed repository", () => {
  test.each([301, 307] as const)(
    "is fetched by its new name after a %i, and keeps its configured source",
    async (status) => {
      const runtime = "renamed" + String(status);
      const forge = await startForge({ basePath: "/git" });
      try {
        const commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
        forge.rename("hermes", runtime, { status });
        const head = await lookUps.head({ repoPrefix: forge.repoPrefix() });
        expect(head.commit).toBe(commit);
        expect(head.remote.url).toBe(`${forge.baseUrl}/molecule-ai/${runtime}.git`);
        expect(head.source).toBe(`${forge.repoPrefix()}hermes`);
        expect(forge.apiRequests()).toHaveLength(2);
      } finally {
        await forge.stop();
      }
    },
  );

  test("is found on its default branch, too", async () => {
    const commit = await lookUps.forge.addTemplate("moved/hermes", { Dockerfile: "" }, { branch: "trunk" });
    lookUps.forge.rename("moved/hermes", "elsewhere");
    const head = await lookUps.head({ repoPrefix: lookUps.forge.repoPrefix("moved") });
    expect(head.commit).toBe(commit);
    expect(head.remote.url).toBe(`${lookUps.forge.baseUrl}/moved/elsewhere.git`);
  });

  test("is fetched from another organisation", async () => {
    const id = "a".repeat(40);
    lookUps.forge.fault(/-hermes\/branches/, redirect(`${newApi}/branches/main`));
    lookUps.forge.fault(/new-name/, { body: `{"commit":{"id":"${id}"}}` });
    const head = await lookUps.head();
    expect([head.commit, head.remote.url]).toEqual([id, `${lookUps.forge.baseUrl}/acme/new-name.git`]);
  });

  test.each([
    ["a page", "/acme/new-name/src/branch/main"],
    ["another part of the API", "/api/v1/users/acme/new-name/branches/main"],
    ["something else of a repository", `${newApi}/commits/main`],
    ["a name with an encoded newline", "/api/v1/repos/acme/%0ahost=evil/branches/main"],
    ["a name with an encoded slash", "/api/v1/repos/acme/..%2f..%2fx/branches/main"],
    ["a name with a query", "/api/v1/repos/acme/x?y/branches/main"],
    ["a name with a fragment", "/api/v1/repos/acme/x#y/branches/main"],
    ["an empty organisation", "/api/v1/repos//x/branches/main"],
  ])("is not looked up at %s", async (_what, location) => {
    lookUps.forge.fault(/-hermes\/branches/, redirect(location));
    lookUps.forge.fault(/./, { body: `{"commit":{"id":"${"a".repeat(40)}"}}` });
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
  });
});

describe("a redirect", () => {
  let other: Awaited<ReturnType<typeof startForge>>;
  beforeEach(async () => {
    other = await startForge();
  });
  afterEach(() => other.stop());

  test.each([301, 302, 303, 307, 308])("to another origin is not followed, %i", async (status) => {
    lookUps.forge.fault("api", redirect(`${other.baseUrl}${branch}`, status));
    expect(await lookUps.failure({ token })).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(lookUps.asked()).toHaveLength(1);
    expect(other.requests).toEqual([]);
  });

  test.each([
    ["the same host by another name", (base: string) => base.replace("127.0.0.1", "localhost")],
    ["without a scheme", (base: string) => base.replace("http:", "")],
    ["with a user", (base: string) => base.replace("//", "//user@")],
    ["with https", (base: string) => base.replace("http:", "https:")],
    ["with a scheme other than http and https", (base: string) => base.replace("http:", "file:")],
  ])("to another origin is not followed: %s", async (what, change) => {
    const { baseUrl } = what === "without a scheme" ? other : lookUps.forge;
    lookUps.forge.fault("api", redirect(`${change(baseUrl)}${branch}`));
    expect(await lookUps.failure({ token })).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(lookUps.asked()).toHaveLength(1);
    expect(other.requests).toEqual([]);
  });

  test("to a cloud's metadata service is not followed", async () => {
    lookUps.forge.fault("api", redirect("http://169.254.169.254/latest/meta-data", 302));
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
  });

  test("is followed three times", async () => {
    lookUps.forge.fault("api", redirect(`${newApi}/branches/main`));
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(lookUps.asked()).toHaveLength(4);
  });

  test("without a target is an error", async () => {
    lookUps.forge.fault("api", { status: 301 });
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
  });
});
