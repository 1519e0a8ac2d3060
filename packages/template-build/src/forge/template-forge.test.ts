import { describe, expect, test } from "@jest/globals";
import { silentLog } from "@molecule/core";
import { callWith, headOf, hermes, token, withForge } from "./gitea-forge.test.support.js";

const lookUps = withForge();
const revision = "9".repeat(40);
const failing: typeof globalThis.fetch = () => Promise.reject(new Error("something was fetched"));

describe("a repository of its own", () => {
  test.each(["", ".git"])("is looked up instead of the prefix's, written with %j", async (suffix) => {
    const { forge } = lookUps;
    const name = `codex${suffix === "" ? "" : "-git"}`;
    const commit = await forge.addTemplate(`me/${name}`, { Dockerfile: "FROM scratch\n" });
    const repo = `${forge.repoPrefix("me")}${name}${suffix}`;
    const head = await lookUps.head({
      repoPrefix: "http://127.0.0.1:1/a/b-",
      templates: { hermes: { repo } },
    });
    expect(head).toMatchObject({
      commit,
      source: repo,
      remote: { url: `${forge.repoPrefix("me")}${name}.git`, branch: "main" },
    });
  });

  test("is not used for another runtime", async () => {
    const templates = { codex: { repo: "http://127.0.0.1:1/a/b" } };
    expect(await lookUps.head({ templates })).toMatchObject({ commit: lookUps.commit });
  });

  test("gets the token at its origin only, and never in clear text", async () => {
    const sent: unknown[] = [];
    const recorded: typeof globalThis.fetch = (url, init) => {
      sent.push([
        url instanceof Request ? url.url : url.toString(),
        new Headers(init?.headers).get("authorization"),
      ]);
      return Promise.resolve(Response.json({ commit: { id: revision } }));
    };
    const at = (repo: string) =>
      headOf(lookUps.forge, { token, fetch: recorded, templates: { hermes: { repo } } });
    expect((await at("https://git.example.com/me/codex")).remote.authorization).toMatch(/^Basic /);
    expect(sent).toEqual([["https://git.example.com/api/v1/repos/me/codex/branches/main", `token ${token}`]]);
    await expect(at("http://git.example.com/me/codex")).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(sent).toHaveLength(1);
  });

  test("without an organisation is refused for Gitea before anything is contacted", async () => {
    const templates = { hermes: { repo: "https://git.example.com/codex" } };
    expect(await lookUps.failure({ templates, fetch: failing })).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("it has no organisation"),
      hint: expect.stringContaining("templates.hermes.repo"),
    });
  });

  test("that was renamed is found, and its new address is suggested", async () => {
    const { forge } = lookUps;
    const commit = await forge.addTemplate("me/renamed", { Dockerfile: "FROM scratch\n" });
    const repo = `${forge.repoPrefix("me")}renamed`;
    forge.rename("me/renamed", "hermes");
    const warned: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
    const head = await headOf(forge, { templates: { hermes: { repo } } }, { ...callWith(), log });
    expect(head).toMatchObject({ commit, source: repo, remote: { url: `${forge.baseUrl}/me/hermes.git` } });
    expect(warned).toEqual([expect.stringContaining("templates.hermes.repo")]);
  });
});

describe("a configured revision", () => {
  test("is used without any request", async () => {
    const head = await lookUps.head({ fetch: failing, templates: { hermes: { revision } } });
    expect(head).toMatchObject({
      commit: revision,
      source: `${lookUps.forge.repoPrefix()}hermes`,
      remote: { url: `${lookUps.forge.repoPrefix()}hermes.git`, branch: undefined, isPinned: true },
    });
    expect(lookUps.asked()).toEqual([]);
  });

  test("is fetched with the token", async () => {
    const head = await lookUps.head({ fetch: failing, token, templates: { hermes: { revision } } });
    expect(head.remote.authorization).toMatch(/^Basic /);
  });

  test("does not hide a token that cannot be used", async () => {
    const failure = await lookUps.failure({
      fetch: failing,
      token: "short",
      templates: { hermes: { revision } },
    });
    expect(failure).toMatchObject({ code: "CONFIG_INVALID" });
  });
});

test("a branch of its own replaces the source's", async () => {
  const commit = await lookUps.forge.commit("hermes", { "a.txt": "a" }, "On a branch\n", "mine");
  const templates = { [hermes]: { branch: "mine" } };
  expect(await lookUps.head({ branch: "other", templates })).toMatchObject({
    commit,
    remote: { branch: "mine" },
  });
});
