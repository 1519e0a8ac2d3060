import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { silentLog, type ImageSourceError } from "@molecule/core";
import { startForge, type Fault, type Forge } from "@molecule/testkit";
import { callWith, headOf, token, type LookUpOptions } from "./gitea-forge.test.support.js";

/* Responses of real forges other than a branch. */

let forge: Forge;
let commit: string;
beforeEach(async () => {
  forge = await startForge();
  commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});
afterEach(() => forge.stop());

const logged: (readonly [message: string, fields: unknown])[] = [];
function head(options: LookUpOptions = {}) {
  logged.length = 0;
  const log = {
    ...silentLog,
    warn: (message: string, fields?: unknown) => void logged.push([message, fields]),
  };
  return headOf(forge, options, { ...callWith(), log });
}

async function failure(options: LookUpOptions = {}): Promise<ImageSourceError> {
  return head(options).then(
    () => Promise.reject(new Error("the lookup did not fail")),
    (error: unknown) => error as ImageSourceError,
  );
}

const paths = (): string[] => forge.requests.map(({ path }) => path.replace(/^.*-template-/, ""));

describe("a commit message over the size limit", () => {
  const long = `${"x".repeat(70_000)}\n`;

  test("costs one more request, for the branch's ref", async () => {
    const next = await forge.commit("hermes", { a: "1" }, long);
    expect(await head()).toMatchObject({ commit: next, remote: { branch: "main" } });
    expect(paths()).toEqual(["hermes/branches/main", "hermes/git/refs/heads/main"]);
  });

  test("works for a branch whose name is a prefix of another, and for a default branch", async () => {
    await forge.addTemplate("old/hermes", { Dockerfile: "" }, { branch: "feature/aü" });
    const next = await forge.commit("old/hermes", { a: "1" }, long);
    await forge.commit("old/hermes", { a: "2" }, "other\n", "feature/aüb");
    const { commit: found } = await head({ repoPrefix: forge.repoPrefix("old") });
    expect(found).toBe(next);
    expect(paths().at(-1)).toBe("hermes/git/refs/heads/feature/a%C3%BC");
  });

  test("works in a renamed repository", async () => {
    const next = await forge.commit("hermes", { a: "1" }, long);
    forge.rename("hermes", "new-name");
    expect(await head()).toMatchObject({
      commit: next,
      remote: { url: `${forge.baseUrl}/molecule-ai/new-name.git` },
    });
  });

  test.each<[string, Fault]>([
    [
      "another branch's ref",
      { body: '{"ref":"refs/heads/main2","object":{"sha":"' + "a".repeat(40) + '"}}' },
    ],
    ["no hash", { body: '[{"ref":"refs/heads/main","object":{"sha":42}}]' }],
    ["an inherited one", { body: '{"__proto__":{"ref":"refs/heads/main"},"object":null}' }],
    ["too much again", { body: Buffer.alloc(65_537, " ") }],
  ])("fails with SOURCE_MALFORMED if the ref contains %s", async (_what, fault) => {
    await forge.commit("hermes", { a: "1" }, long);
    forge.fault(/\/git\/refs\//, fault);
    expect(await failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(forge.requests).toHaveLength(2);
  });
});

describe("a renamed owner and a renamed repository", () => {
  test("are followed, and the prefix to configure is logged once", async () => {
    forge.rename("hermes", "template-hermes");
    forge.renameOwner("molecule-ai", "acme");
    const { commit: found, remote, source } = await head();
    expect([found, remote.url]).toEqual([commit, `${forge.baseUrl}/acme/template-hermes.git`]);
    expect(source).toBe(`${forge.repoPrefix()}hermes`);
    expect(logged).toEqual([
      [
        expect.stringContaining("MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX"),
        expect.objectContaining({ repoPrefix: `${forge.baseUrl}/acme/template-` }),
      ],
    ]);
  });

  test("are logged as an address if the new name does not end with the runtime", async () => {
    forge.rename("hermes", "something-else");
    await head();
    expect(logged).toEqual([
      [
        expect.stringContaining("renamed"),
        { runtime: "hermes", renamedTo: `${forge.baseUrl}/molecule-ai/something-else` },
      ],
    ]);
  });

  test("are not followed over a fourth redirect", async () => {
    forge.fault("api", (request, response) => {
      response.writeHead(301, { location: (request.url ?? "").replace("-hermes", "-x-hermes") }).end();
    });
    expect(await failure()).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(forge.requests).toHaveLength(4);
  });
});

describe("a repository without its branch", () => {
  test.each([
    ["that is empty", () => forge.setEmpty("hermes", true), "is empty"],
    [
      "whose default branch is missing, as in a mirror that is being filled",
      () => forge.fault(/\/branches\//, { status: 404, body: '{"message":"not found"}' }),
      "has no branch main",
    ],
    [
      "of which a forge says so with 409",
      () => forge.fault("api", { status: 409, body: '{"message":"Git Repository is empty."}' }),
      "is empty",
    ],
  ])("%s is retried, and reported in the end", async (_what, happen, expected) => {
    happen();
    const error = await failure();
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", transient: { withinMs: 4_000 } });
    expect(error.message).toContain(expected);
  });

  test("is retried if another default branch is missing", async () => {
    await forge.addTemplate("old/hermes", { Dockerfile: "" }, { branch: "main2", defaultBranch: "trunk" });
    expect(await failure({ repoPrefix: forge.repoPrefix("old") })).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      transient: { withinMs: 4_000 },
      message: expect.stringContaining("has no branch trunk"),
    });
  });
});

describe("a refusal", () => {
  const json = (status: number, message: string): Fault => ({ status, body: JSON.stringify({ message }) });

  test.each<[status: number, hasToken: boolean, says: RegExp, neverSays: RegExp]>([
    [404, false, /or set MOLECULE_GITEA_TOKEN if it is private/, /may read it/],
    [404, true, /token in MOLECULE_GITEA_TOKEN may read it/, /set MOLECULE/i],
    [401, false, /^Set MOLECULE_GITEA_TOKEN/, /unset/],
    [401, true, /valid token.*or unset it/, /may lack/],
    [403, false, /^Set MOLECULE_GITEA_TOKEN/, /unset/],
    [403, true, /MOLECULE_GITEA_TOKEN/, /unset/],
  ])("%i, with a token: %s, has a matching hint", async (status, hasToken, says, neverSays) => {
    forge.fault("api", json(status, "no"));
    const { hint } = await failure(hasToken ? { token } : {});
    expect(hint).toMatch(says);
    expect(hint).not.toMatch(neverSays);
  });

  test("403 for a missing scope names the scope", async () => {
    forge.requireToken(token, { mayReadRepositories: false });
    const error = await failure({ token });
    expect(error).toMatchObject({ code: "SOURCE_DENIED" });
    expect(error.hint).toContain("[read:repository]");
  });

  test.each([401, 403])(
    "%i with an HTML page is attributed to a proxy in front of the forge",
    async (status) => {
      forge.fault("api", { status, headers: { "content-type": "text/html" }, body: "<html>" });
      const error = await failure({ token });
      expect(error).toMatchObject({ code: "SOURCE_DENIED" });
      expect(error.message).toContain("text/html");
      expect(error.hint).toMatch(/login or a firewall.*MOLECULE_GITEA_TOKEN/);
    },
  );

  test("429 is reported as rate limiting", async () => {
    forge.fault("api", { status: 429, headers: { "retry-after": "7" }, body: "slow down" });
    expect(await failure()).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      transient: { afterMs: 7_000 },
      message: expect.stringContaining("rate limited"),
    });
  });
});

describe("a server that is not a Gitea API", () => {
  test.each<[string, Fault, RegExp]>([
    [
      "nginx",
      { status: 404, headers: { "content-type": "text/html" }, body: "<h1>404 Not Found</h1>" },
      /JSON/,
    ],
    ["a plain 404", { status: 404, headers: { "content-type": "text/plain" }, body: "Not found.\n" }, /JSON/],
    ["GitHub's site", { status: 404, headers: { server: "GitHub.com" }, body: "<html>" }, /GitHub/],
    [
      "GitHub's API",
      { status: 404, body: '{"message":"Not Found","documentation_url":"https://docs.github.com"}' },
      /GitHub/,
    ],
    ["GitLab", { status: 404, body: '{"error":"404 Not Found"}' }, /GitLab/],
    [
      "a login page",
      { headers: { "content-type": "text/html" }, body: "<title>Sign in</title>" },
      /text\/html/,
    ],
  ])("%s fails with SOURCE_MALFORMED and a hint to check the prefix", async (_what, fault, expected) => {
    forge.fault("api", fault);
    const error = await failure();
    expect(error).toMatchObject({ code: "SOURCE_MALFORMED", transient: null });
    expect(error.message).toMatch(expected);
    expect(error.hint).toContain("MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX");
  });

  test("a base path missing from the prefix", async () => {
    const below = await startForge({ basePath: "/git" });
    try {
      await below.addTemplate("hermes", { Dockerfile: "" });
      expect(await failure({ repoPrefix: below.repoPrefix().replace("/git/", "/") })).toMatchObject({
        code: "SOURCE_MALFORMED",
        message: expect.stringContaining("is not a Gitea API"),
      });
    } finally {
      await below.stop();
    }
  });

  test.each([
    ["of nginx", "<center>The plain HTTP request was sent to HTTPS port</center>"],
    ["of Go", "Client sent an HTTP request to an HTTPS server.\n"],
  ])("plain http to an https port, in the words %s", async (_what, body) => {
    forge.fault("api", { status: 400, body });
    const error = await failure();
    expect(error.message).toContain("https only");
    expect(error.hint).toContain("use https://");
  });

  test("http that redirects to https", async () => {
    forge.fault("api", (request, response) => {
      const { host = "", url = "" } = { host: request.headers.host, url: request.url };
      response.writeHead(301, { location: `https://${host}${url}` }).end();
    });
    const error = await failure();
    expect(error).toMatchObject({ code: "SOURCE_MALFORMED" });
    expect(error.hint).toBe(
      `Use ${forge.baseUrl.replace("http:", "https:")} instead of ${forge.baseUrl} in the configured address.`,
    );
  });
});
