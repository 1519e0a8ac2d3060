import { readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { programPath, runProgram } from "../run/programs.js";
import { temporaryDirectory, type TemporaryDirectory } from "../files/temporary-directory.js";
import type { Forge } from "./forge.js";
import { startForge } from "./start-forge.js";

let forge: Forge;
let work: TemporaryDirectory;

beforeEach(async () => {
  forge = await startForge();
  work = await temporaryDirectory();
});

afterEach(async () => {
  await forge.stop();
  await work.remove();
});

function git(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: programPath(),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
  return runProgram("git", args, { env, cwd: work.path });
}

async function fetchCommit(url: string, sha: string, ...init: readonly string[]): Promise<string> {
  await git("init", "--quiet", ...init, "fetched");
  await git("-C", "fetched", "fetch", "--quiet", "--depth=1", url, sha);
  return (await git("-C", "fetched", "rev-parse", "FETCH_HEAD")).trim();
}

const hermes = (): string => `${forge.repoPrefix()}hermes.git`;

describe("git of a forge", () => {
  test("clones content, modes, links and odd names as they were given", async () => {
    const odd = 'a b/"quoted"\\.txt';
    await forge.addTemplate("hermes", {
      Dockerfile: "FROM scratch\n",
      "run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
      "raw.bin": Buffer.from([0, 255, 10]),
      link: { link: "Dockerfile" },
      [odd]: "odd",
    });
    await git("clone", "--quiet", hermes(), "clone");
    const at = (path: string): string => join(work.path, "clone", path);
    expect(await readFile(at("Dockerfile"), "utf8")).toBe("FROM scratch\n");
    expect(await readFile(at("raw.bin"))).toEqual(Buffer.from([0, 255, 10]));
    expect(await readFile(at(odd), "utf8")).toBe("odd");
    expect(await readlink(at("link"))).toBe("Dockerfile");
    expect((await stat(at("run.sh"))).mode & 0o111).toBe(0o111);
  });

  test("lets a commit be fetched by its hash when the branch has moved on", async () => {
    const first = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
    const second = await forge.commit("hermes", { Dockerfile: null, other: "x" });
    expect(second).not.toBe(first);
    expect(await fetchCommit(hermes(), first)).toBe(first);
    expect(await git("-C", "fetched", "ls-tree", "--name-only", first)).toBe("Dockerfile\n");
  });

  test("speaks sha256", async () => {
    const sha = await forge.addTemplate("hermes", { Dockerfile: "" }, { objectFormat: "sha256" });
    expect(sha).toMatch(/^[0-9a-f]{64}$/);
    expect(await fetchCommit(hermes(), sha, "--object-format=sha256")).toBe(sha);
  });

  test("refuses a commit that is not advertised when configured to", async () => {
    const strict = await startForge({ allowAnySha: false });
    const first = await strict.addTemplate("hermes", { Dockerfile: "" });
    await strict.commit("hermes", { Dockerfile: "x" });
    await expect(fetchCommit(`${strict.repoPrefix()}hermes.git`, first)).rejects.toThrow("unadvertised");
    await strict.stop();
  });

  test("accepts compressed requests", async () => {
    await forge.addTemplate("hermes", { Dockerfile: "" });
    // git compresses requests over 1 KiB, such as one that asks for many branches.
    for (let number = 0; number < 40; number += 1) {
      await forge.commit("hermes", { [String(number)]: "x" }, "more\n", `branch-${String(number)}`);
    }
    await git("clone", "--quiet", hermes(), "clone");
    const posted = forge.gitRequests().filter(({ method }) => method === "POST");
    expect(posted.some(({ headers }) => headers["content-encoding"] === "gzip")).toBe(true);
    expect(await git("-C", "clone", "rev-parse", "origin/branch-39")).toBe(
      await forge.git("hermes", ["rev-parse", "branch-39"]),
    );
  });

  test("redirects from the old name, and serves the new one below a base path", async () => {
    const below = await startForge({ basePath: "/git" });
    const sha = await below.addTemplate("acme/hermes", { Dockerfile: "" });
    below.rename("acme/hermes", "renamed");
    const listing = await git("ls-remote", `${below.repoPrefix("acme")}hermes.git`, "main");
    expect(listing).toContain(sha);
    await expect(
      git("-c", "http.followRedirects=false", "ls-remote", `${below.repoPrefix("acme")}hermes.git`),
    ).rejects.toThrow("301");
    expect(await git("ls-remote", `${below.baseUrl}/acme/renamed.git`, "main")).toBe(listing);
    await below.stop();
  });

  test("requires the token as Basic password", async () => {
    await forge.addTemplate("hermes", { Dockerfile: "" });
    forge.requireToken("the-token");
    await expect(git("ls-remote", hermes())).rejects.toThrow("could not read Username");
    const withToken = (token: string): string => hermes().replace("http://", `http://any:${token}@`);
    await expect(git("ls-remote", withToken("another-one"))).rejects.toThrow("Authentication failed");
    expect(await git("ls-remote", withToken("the-token"))).toContain("refs/heads/main");
  });

  test("runs a hook between the API response and the first git request, once", async () => {
    const first = await forge.addTemplate("hermes", { Dockerfile: "" });
    let pushed = "";
    forge.beforeGit(async () => {
      pushed = await forge.commit("hermes", { Dockerfile: "x" });
    });
    expect(await git("ls-remote", hermes(), "main")).toContain(pushed);
    expect(pushed).not.toBe(first);
    await git("ls-remote", hermes());
    expect((await forge.git("hermes", ["rev-list", "--count", "main"])).trim()).toBe("2");
  });

  test("makes git requests fail", async () => {
    await forge.addTemplate("hermes", { Dockerfile: "" });
    forge.fault("git", { status: 503 }, { times: 1 });
    await expect(git("ls-remote", hermes())).rejects.toThrow("503");
    forge.fault(/upload-pack$/, { reset: true });
    await expect(git("clone", "--quiet", hermes(), "clone")).rejects.toThrow("128");
    forge.clearFaults();
    await git("clone", "--quiet", hermes(), "clone");
  });

  test("creates the same commit from the same files in every run", async () => {
    const other = await startForge();
    const files = { Dockerfile: "FROM scratch\n" };
    expect(await other.addTemplate("codex", files)).toBe(await forge.addTemplate("hermes", files));
    await other.stop();
  });
});
