import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parseCommitSha, silentLog, silentReport } from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";

/*
 * A server that serves only the tips of its branches, like git without uploadpack.allowAnySHA1InWant on protocol
 * version 1.
 */

let root: string;
let forge: Forge;
let sha: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "fetch-"));
  forge = await startForge({ allowAnySha: false });
  sha = await forge.addTemplate("hermes", { Dockerfile: "FROM looked-up\n" }, { branch: "release/1.x" });
});

afterEach(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

/** Returns the Dockerfile that is checked out for the commit that was looked up. */
async function dockerfile(): Promise<string> {
  const { files, settle } = await checkOut({
    remote: {
      url: `${forge.repoPrefix()}hermes.git`,
      branch: "release/1.x",
      authorization: undefined,
      tokenVariable: "MOLECULE_GITEA_TOKEN",
    },
    commit: parseCommitSha(sha),
    store: createStore({ directory: root, env: {} }),
    name: `hermes/${sha.slice(0, 12)}`,
    env: { PATH: process.env["PATH"] },
    signal: new AbortController().signal,
    report: silentReport,
    log: silentLog,
  });
  try {
    return await readFile(join(await files(), "Dockerfile"), "utf8");
  } finally {
    await settle();
  }
}

/** Each fetch begins with a request for the refs. */
function fetches(): number {
  return forge.gitRequests().filter(({ path }) => path.includes("/info/refs")).length;
}

async function push(commits: number): Promise<void> {
  for (let number = 0; number < commits; number += 1)
    await forge.commit("hermes", { Dockerfile: `FROM moved\n# ${String(number)}\n` });
}

test("fetches the head of the branch directly", async () => {
  expect(await dockerfile()).toBe("FROM looked-up\n");
  expect(fetches()).toBe(1);
});

test.each([1, 9, 10, 49])("finds a former head that is now %i commits behind", async (commits) => {
  await push(commits);
  expect(await dockerfile()).toBe("FROM looked-up\n");
});

test("gives up on a commit that is further behind, and never substitutes another", async () => {
  await push(50);
  await expect(dockerfile()).rejects.toMatchObject({
    code: "CHECKOUT_FAILED",
    message: expect.stringContaining(sha) as unknown,
    hint: expect.stringContaining("Retry") as unknown,
    again: true,
  });
  expect(fetches()).toBe(3);
});

test("gives up on a branch that was replaced", async () => {
  const tree = (await forge.git("hermes", ["rev-parse", "release/1.x^{tree}"])).trim();
  const other = (await forge.git("hermes", ["commit-tree", tree, "-m", "another history"])).trim();
  await forge.git("hermes", ["update-ref", "refs/heads/release/1.x", other]);
  await expect(dockerfile()).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
});

test("looks up again after one fetch if the server has discarded the commit", async () => {
  const generous = await startForge();
  try {
    await generous.addTemplate("hermes", { Dockerfile: "FROM x\n" });
    const gone = checkOut({
      remote: {
        url: `${generous.repoPrefix()}hermes.git`,
        branch: "main",
        authorization: undefined,
        tokenVariable: "MOLECULE_GITEA_TOKEN",
      },
      commit: parseCommitSha("1".repeat(40)),
      store: createStore({ directory: root, env: {} }),
      name: `hermes/${"1".repeat(12)}`,
      env: { PATH: process.env["PATH"] },
      signal: new AbortController().signal,
      report: silentReport,
      log: silentLog,
    });
    await expect(gone).rejects.toMatchObject({ code: "CHECKOUT_FAILED", again: true });
    expect(generous.gitRequests()).toHaveLength(2);
  } finally {
    await generous.stop();
  }
});

test("a branch that moves during the fetch changes nothing", async () => {
  await push(1);
  forge.beforeGit(() => push(1));
  expect(await dockerfile()).toBe("FROM looked-up\n");
});

test("reports failures of the branch as usual", async () => {
  await push(1);
  await forge.git("hermes", ["update-ref", "-d", "refs/heads/release/1.x"]);
  await expect(dockerfile()).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
  forge.fault("git", { status: 500 });
  await expect(dockerfile()).rejects.toMatchObject({ code: "SOURCE_UNREACHABLE" });
});
