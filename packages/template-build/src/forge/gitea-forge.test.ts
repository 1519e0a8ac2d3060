import { describe, expect, test } from "@jest/globals";
import { startForge } from "@molecule/testkit";
import { hermesApi, token, withForge } from "./gitea-forge.test.support.js";

const lookUps = withForge();

test("looks up the head of main with one request", async () => {
  const head = await lookUps.head();
  const source = `${lookUps.forge.repoPrefix()}hermes`;
  expect(head).toEqual({
    commit: lookUps.commit,
    remote: {
      url: `${source}.git`,
      branch: "main",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    source,
  });
  expect(lookUps.asked()).toEqual([`GET ${hermesApi}/branches/main`]);
});

test("requests nothing but the response: no credentials, no compression", async () => {
  await lookUps.head();
  const { headers } = lookUps.forge.requests.at(-1) ?? {};
  expect(headers).toMatchObject({ accept: "application/json", "accept-encoding": "identity" });
  expect(headers).not.toHaveProperty("authorization");
});

test("calls a forge below a path at that path", async () => {
  const forge = await startForge({ basePath: "/some/git" });
  try {
    const commit = await forge.addTemplate("acme/hermes", { Dockerfile: "FROM scratch\n" });
    const head = await lookUps.head({ repoPrefix: forge.repoPrefix("acme") });
    expect(head.commit).toBe(commit);
    expect(head.remote.url).toBe(`${forge.baseUrl}/acme/molecule-ai-workspace-template-hermes.git`);
    expect(forge.requests.map(({ path }) => path)).toEqual([
      "/some/git/api/v1/repos/acme/molecule-ai-workspace-template-hermes/branches/main",
    ]);
  } finally {
    await forge.stop();
  }
});

describe("branches", () => {
  test("uses the default branch if there is no main", async () => {
    const commit = await lookUps.forge.addTemplate(
      "old/hermes",
      { Dockerfile: "FROM scratch\n" },
      { branch: "release/1ü#%" },
    );
    const api = hermesApi.replace("molecule-ai/", "old/");
    expect(await lookUps.head({ repoPrefix: lookUps.forge.repoPrefix("old") })).toMatchObject({
      commit,
      remote: { branch: "release/1ü#%" },
    });
    expect(lookUps.asked()).toEqual([
      `GET ${api}/branches/main`,
      `GET ${api}`,
      `GET ${api}/branches/release/1%C3%BC%23%25`,
    ]);
  });

  test("uses a configured branch, with its slashes unescaped", async () => {
    const commit = await lookUps.forge.commit("hermes", { a: "1" }, "feature\n", "feature/one");
    expect(await lookUps.head({ branch: "feature/one" })).toMatchObject({
      commit,
      remote: { branch: "feature/one" },
    });
    expect(lookUps.asked()).toEqual([`GET ${hermesApi}/branches/feature/one`]);
  });

  test.each(["feature", "feature/one/more", "absent", "main?ref=x", "main#x", "ma%69n"])(
    "fails if a configured branch does not exist, and never uses another: %s",
    async (branch) => {
      await lookUps.forge.commit("hermes", { a: "2" }, "feature\n", "feature/one");
      expect(await lookUps.failure({ branch })).toMatchObject({
        code: "SOURCE_NOT_FOUND",
        hint: expect.stringContaining(`the branch ${branch} `),
      });
      expect(lookUps.asked()).toHaveLength(1);
    },
  );

  test("stops if a missing default branch is called main", async () => {
    lookUps.forge.fault(/\/branches\/main$/, { status: 404, body: '{"message":"not found"}' });
    expect(await lookUps.failure()).toMatchObject({ code: "SOURCE_NOT_FOUND" });
    expect(lookUps.asked()).toHaveLength(2);
  });

  test.each([
    ["an empty repository", '{"empty":true,"default_branch":"main"}', "SOURCE_NOT_FOUND"],
    ["no default branch", "{}", "SOURCE_MALFORMED"],
    ["a default branch that is no text", '{"default_branch":["x"]}', "SOURCE_MALFORMED"],
    ["an empty default branch", '{"default_branch":""}', "SOURCE_MALFORMED"],
    ["a default branch that leads elsewhere", '{"default_branch":"../../../../x"}', "SOURCE_MALFORMED"],
    ["a default branch with a newline", '{"default_branch":"x\\ny"}', "SOURCE_MALFORMED"],
    ["half a character as default branch", '{"default_branch":"\\ud800"}', "SOURCE_MALFORMED"],
    ["an inherited default branch", '{"__proto__":{"default_branch":"x"}}', "SOURCE_MALFORMED"],
  ])("stops at %s", async (_what, body, code) => {
    lookUps.forge.fault(/\/branches\/main$/, { status: 404 });
    lookUps.forge.fault(/-hermes$/, { body });
    expect(await lookUps.failure()).toMatchObject({ code });
    expect(lookUps.asked()).toHaveLength(2);
  });
});

describe("the token", () => {
  test("is sent to the API in Gitea's form, and to git as a password", async () => {
    const forge = await startForge();
    try {
      const commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" }, { private: true });
      forge.requireToken(token);
      const head = await lookUps.head({ repoPrefix: forge.repoPrefix(), token });
      expect(head.commit).toBe(commit);
      expect(forge.requests.at(-1)?.headers.authorization).toBe(`token ${token}`);
      expect(head.remote.authorization).toBe(
        `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`,
      );
      expect(`${head.remote.url} ${head.source}`).not.toContain(token);
      expect(await lookUps.failure({ repoPrefix: forge.repoPrefix() })).toMatchObject({
        code: "SOURCE_NOT_FOUND",
        hint: expect.stringContaining("MOLECULE_GITEA_TOKEN"),
      });
    } finally {
      await forge.stop();
    }
  });

  test.each([
    ["http to another machine", { repoPrefix: "http://gitea.example/acme/t-", token }],
    ["an invalid token", { token: "short" }],
    ["a token with a newline", { token: `${token}\nx: y` }],
    ["a prefix with a user", { repoPrefix: "http://user@127.0.0.1:9/acme/t-" }],
  ])("sends nothing with %s", async (_what, options) => {
    const sent: string[] = [];
    const fetch = (url: string): Promise<never> => {
      sent.push(url);
      return Promise.reject(new Error("something was sent"));
    };
    expect(await lookUps.failure({ ...options, fetch })).toMatchObject({ code: "CONFIG_INVALID" });
    expect(sent).toEqual([]);
  });
});
