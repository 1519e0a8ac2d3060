import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseCommitSha, silentReport, type Env } from "@molecule/core";
import { findProgram, ownProcess } from "@molecule/node-edges";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut as checkOutOnly } from "./check-out.js";
import { type CheckOutRequest } from "./check-out-request.js";
import { hermesRequest } from "./check-out-request.test.support.js";

const token = "tok-0123456789abcdef";
let root: string;
let forge: Forge;
let sha: string;
const processEnv: Env = { PATH: process.env["PATH"] };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "checkout-"));
  forge = await startForge();
  sha = await forge.addTemplate("hermes", {
    Dockerfile: "FROM scratch\n",
    "bin/start": { content: "#!/bin/sh\n", mode: 0o755 },
    link: { link: "Dockerfile" },
  });
});

afterEach(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

/** Checks out as a source does, without a build in between. */
async function checkOut(request: CheckOutRequest): Promise<{ directory: string }> {
  const { written, settle } = await checkOutOnly(request);
  await written.finally(settle);
  return { directory: join(root, "cache", request.name) };
}

function request(changes: Partial<CheckOutRequest> = {}): CheckOutRequest {
  return hermesRequest({ forge, root, sha }, changes);
}

async function left(): Promise<string[]> {
  return readdir(join(root, "cache", "hermes")).catch(() => []);
}

describe("one commit", () => {
  test("is checked out into its directory with its files, and links as links", async () => {
    const checkout = await checkOut(request());

    expect(await readFile(join(checkout.directory, "Dockerfile"), "utf8")).toBe("FROM scratch\n");
    expect((await lstat(join(checkout.directory, "bin/start"))).mode & 0o100).toBe(0o100);
    expect((await lstat(join(checkout.directory, "link"))).isSymbolicLink()).toBe(true);
    expect((await lstat(checkout.directory)).mode & 0o777).toBe(0o700);
    expect(await left()).toEqual([sha.slice(0, 12)]);
  });

  test("is not disturbed by concurrent checkouts of the same commit until it is released", async () => {
    const first = await checkOutOnly(request());
    const others = await Promise.all(Array.from({ length: 4 }, () => checkOutOnly(request())));
    await Promise.all(others.map(({ settle }) => settle()));

    expect(await readFile(join(await first.files(), "Dockerfile"), "utf8")).toBe("FROM scratch\n");
    await first.settle();
    expect(await left()).toEqual([sha.slice(0, 12)]);
    expect(await readFile(join(root, "cache", request().name, "Dockerfile"), "utf8")).toBe("FROM scratch\n");
  });

  test("of a repository with 64-digit hashes works as well", async () => {
    sha = await forge.addTemplate("codex", { Dockerfile: "FROM scratch\n" }, { objectFormat: "sha256" });
    const remote = {
      url: `${forge.repoPrefix()}codex.git`,
      branch: "main",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    };

    const { directory } = await checkOut(request({ remote }));

    expect(sha).toHaveLength(64);
    expect(await readFile(join(directory, ".git/HEAD"), "utf8")).toBe(`${sha}\n`);
  });

  test("is the requested one even if the branch moves during the checkout", async () => {
    forge.beforeGit(async () => {
      await forge.commit("hermes", { Dockerfile: "FROM other\n" });
    });

    const { directory } = await checkOut(request());

    expect(await readFile(join(directory, "Dockerfile"), "utf8")).toBe("FROM scratch\n");
  });

  test("replaces whatever exists in its place, and follows no link there", async () => {
    const directory = join(root, "cache", request().name);
    const canary = join(root, "canary");
    await mkdir(canary);
    await writeFile(join(canary, "file"), "mine");

    await mkdir(join(directory, ".git", "hooks"), { recursive: true });
    await writeFile(join(directory, "Dockerfile"), "FROM stale\n");
    await checkOut(request());
    expect(await readFile(join(directory, "Dockerfile"), "utf8")).toBe("FROM scratch\n");

    await rm(directory, { recursive: true });
    await symlink(canary, directory);
    await checkOut(request());
    expect((await lstat(directory)).isDirectory()).toBe(true);

    await rm(directory, { recursive: true });
    await writeFile(directory, "a file");
    await checkOut(request());

    expect(await readFile(join(canary, "file"), "utf8")).toBe("mine");
    expect(await left()).toEqual([sha.slice(0, 12)]);
  });

  test("sweeps leftovers of killed runs, and keeps those of live ones", async () => {
    const short = sha.slice(0, 12);
    const [, space = ""] = (await ownProcess()).split("-");
    const dead = `.${short}.4194303-${space}-00000000.00aa00aa.partial`;
    const reused = `.${short}.${String(process.pid)}-${space}-00000000.00aa00aa.partial`;
    const ofAnotherCommit = `.0123456789ab.4194303-${space}-00000000.00aa00aa.partial`;
    const alive = `.${short}.${await ownProcess()}.00aa00aa.partial`;
    const elsewhere = `.${short}.7-01234567-00000000.00aa00aa.partial`;
    for (const name of [dead, reused, ofAnotherCommit, alive, elsewhere])
      await mkdir(join(root, "cache", "hermes", name, "tree"), { recursive: true });

    await checkOut(request());

    expect(new Set(await left())).toEqual(new Set([alive, elsewhere, short]));
  });

  test("reports its progress", async () => {
    const amounts: unknown[] = [];
    const report = { ...silentReport, amount: (...amount: unknown[]) => void amounts.push(amount) };

    await checkOut(request({ report }));

    // A commit, two trees, two files and a link.
    expect(amounts.at(-1)).toEqual([6, 6, "steps"]);
  });
});

describe("failures", () => {
  test("name who must act", async () => {
    const at = (url: string, authorization?: string): Partial<CheckOutRequest> => ({
      remote: { url, branch: "main", authorization, tokenVariable: "MOLECULE_GITEA_TOKEN" },
    });
    const url = `${forge.repoPrefix()}hermes.git`;

    await expect(checkOut(request(at(`${forge.repoPrefix()}absent.git`)))).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
    });
    await expect(checkOut(request(at("http://127.0.0.1:1/a/b.git")))).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
    });
    forge.requireToken(token);
    await expect(checkOut(request(at(url)))).rejects.toMatchObject({
      code: "SOURCE_DENIED",
      hint: expect.stringContaining("MOLECULE_GITEA_TOKEN") as unknown,
    });
    await expect(checkOut(request(at(url, "Basic eDp3cm9uZw==")))).rejects.toMatchObject({
      code: "SOURCE_DENIED",
    });
    forge.fault("git", { status: 403 }, { times: 1 });
    await expect(checkOut(request(at(url)))).rejects.toMatchObject({ code: "SOURCE_DENIED" });
    forge.fault("git", { status: 500 }, { times: 1 });
    await expect(checkOut(request(at(url)))).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    forge.fault("git", { reset: true }, { times: 1 });
    await expect(checkOut(request(at(url)))).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
    forge.fault("git", { body: "<html>" }, { times: 1 });
    await expect(checkOut(request(at(url)))).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(await left()).toEqual([]);
  });

  test("name a commit that the server does not have", async () => {
    const commit = parseCommitSha("1".repeat(40));

    await expect(checkOut(request({ commit }))).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
  });

  test("reject the hash of a tag instead of a commit", async () => {
    await forge.git("hermes", [
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@example.com",
      "tag",
      "-a",
      "-m",
      "m",
      "v1",
      sha,
    ]);
    const commit = parseCommitSha((await forge.git("hermes", ["rev-parse", "v1"])).trim());

    await expect(checkOut(request({ commit }))).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
    expect(await left()).toEqual([]);
  });

  test("of the cache name the location", async () => {
    await writeFile(join(root, "cache"), "a file");
    await expect(checkOut(request())).rejects.toMatchObject({
      code: "STORAGE_UNUSABLE",
      message: expect.stringContaining(join(root, "cache")) as unknown,
    });

    await rm(join(root, "cache"));
    await mkdir(join(root, "elsewhere"));
    await mkdir(join(root, "cache"));
    await symlink(join(root, "elsewhere"), join(root, "cache", "hermes"));
    await expect(checkOut(request())).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });
    expect(await readdir(join(root, "elsewhere"))).toEqual([]);
  });

  test("report TOOL_MISSING without git, or with git only in a relative entry of PATH", async () => {
    await mkdir(join(root, "bin"));
    for (const tool of ["git", "setsid"])
      await symlink(findProgram(tool, processEnv["PATH"]) ?? "", join(root, "bin", tool));
    for (const PATH of [undefined, "", ".:bin", root, relative(process.cwd(), join(root, "bin"))]) {
      await expect(checkOut(request({ env: { PATH } }))).rejects.toMatchObject({ code: "TOOL_MISSING" });
    }
    expect(await left()).toEqual([]);
  });
});
