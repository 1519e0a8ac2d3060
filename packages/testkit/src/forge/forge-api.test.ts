import { access } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Forge } from "./forge.js";
import { startForge } from "./start-forge.js";

let forge: Forge;
let sha: string;

beforeEach(async () => {
  forge = await startForge({ basePath: "/git" });
  sha = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});

afterEach(() => forge.stop());

const repository = "/api/v1/repos/molecule-ai/molecule-ai-workspace-template-";

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${forge.baseUrl}${repository}${path}`, { redirect: "manual", ...init });
}

const withToken = (token: string): RequestInit => ({ headers: { authorization: `token ${token}` } });

describe("the API of a forge", () => {
  test("returns a branch with its commit", async () => {
    const response = await ask("hermes/branches/main");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({
      name: "main",
      commit: { id: sha, message: "Add the template\n" },
    });
  });

  test("knows branches with slashes, and no other names", async () => {
    const tip = await forge.commit("hermes", { more: "x" }, "more\n", "feature/1");
    expect(await (await ask("hermes/branches/feature/1")).json()).toMatchObject({ commit: { id: tip } });
    for (const path of [
      "hermes/branches/feature",
      "hermes/branches/feature/1/2",
      "hermes/branches/mai*",
      "codex/branches/main",
    ]) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  test("returns a repository with its default branch and format", async () => {
    await forge.addTemplate("codex", { Dockerfile: "" }, { branch: "trunk", objectFormat: "sha256" });
    expect(await (await ask("codex")).json()).toMatchObject({
      default_branch: "trunk",
      object_format_name: "sha256",
      clone_url: `${forge.repoPrefix()}codex.git`,
      private: false,
    });
    expect((await ask("codex/branches/main")).status).toBe(404);
  });

  test.each([301, 307] as const)("redirects a renamed repository by path with %i", async (status) => {
    forge.rename("hermes", "new-name", { status });
    const response = await ask("hermes/branches/main");
    expect(response.status).toBe(status);
    const location = response.headers.get("location") ?? "";
    expect(location).toBe("/git/api/v1/repos/molecule-ai/new-name/branches/main");
    expect(await (await fetch(new URL(location, forge.baseUrl))).json()).toMatchObject({
      commit: { id: sha },
    });
  });

  test("rejects requests without the token once it is required", async () => {
    forge.requireToken("the-token");
    expect((await ask("hermes/branches/main")).status).toBe(401);
    expect((await ask("hermes/branches/main", withToken("wrong"))).status).toBe(401);
    expect((await ask("hermes/branches/main", withToken("the-token"))).status).toBe(200);
  });

  test("hides a private repository from clients without the token", async () => {
    await forge.addTemplate("codex", { Dockerfile: "" }, { private: true });
    expect((await ask("codex/branches/main")).status).toBe(404);
    forge.requireToken("the-token");
    expect((await ask("codex/branches/main")).status).toBe(404);
    expect((await ask("codex/branches/main", withToken("the-token"))).status).toBe(200);
  });

  test("returns a hostile commit hash when a test sets one", async () => {
    forge.setApiCommitId("hermes", "--upload-pack=x");
    expect(await (await ask("hermes/branches/main")).json()).toMatchObject({
      commit: { id: "--upload-pack=x" },
    });
    forge.setApiCommitId("hermes", undefined);
    expect(await (await ask("hermes/branches/main")).json()).not.toHaveProperty("commit.id");
  });

  test("remembers the requests by kind", async () => {
    await ask("hermes/branches/main", withToken("any"));
    await fetch(`${forge.repoPrefix()}hermes.git/info/refs?service=git-upload-pack`);
    await fetch(`${forge.baseUrl}/user/login`);
    expect(forge.requests.map(({ kind }) => kind)).toEqual(["api", "git", "other"]);
    expect(forge.apiRequests()).toMatchObject([
      {
        method: "GET",
        path: `/git${repository}hermes/branches/main`,
        headers: { authorization: "token any" },
      },
    ]);
    expect(forge.gitRequests()).toHaveLength(1);
  });

  test("stops while requests are still open, and leaves no files", async () => {
    const directory = (await forge.git("hermes", ["rev-parse", "--absolute-git-dir"])).trim();
    forge.fault("api", { hang: true });
    const open = ask("hermes/branches/main").then(
      () => "answered",
      () => "ended",
    );
    while (forge.requests.length === 0) await new Promise(setImmediate);
    await forge.stop();
    expect(await open).toBe("ended");
    await expect(access(directory)).rejects.toThrow("ENOENT");
  });
});
