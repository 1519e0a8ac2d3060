import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createMask,
  isImageSourceError,
  maskError,
  silentLog,
  type ImageSourceError,
  type Log,
} from "@molecule/core";
import { createStore } from "@molecule/node-edges";
import { makeAuthority, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startForge, type Forge } from "@molecule/testkit";
import { callWith, hermes, token } from "./gitea-forge.test.support.js";
import type { ForgeHead } from "./forge.js";
import { tokenFor } from "./forge-token.js";
import { gitForge } from "./git-forge.js";
import { repositoryOf } from "../options/template-repository.js";

let forge: Forge;
let commit: string;
let root: TemporaryDirectory;
/** Its first entry is a git that writes down its arguments. */
let path: string;

beforeAll(async () => {
  root = await temporaryDirectory();
  const bin = join(root.path, "bin");
  await mkdir(bin);
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${root.path}/git.log'\nPATH=\${PATH#'${bin}:'} exec git "$@"\n`;
  await writeFile(join(bin, "git"), script);
  await chmod(join(bin, "git"), 0o755);
  path = [bin, process.env["PATH"]].join(delimiter);
  forge = await startForge();
  commit = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});
afterEach(async () => {
  forge.clearFaults();
  await writeFile(join(root.path, "git.log"), "");
});
afterAll(async () => {
  await forge.stop();
  await root.remove();
});

const gitRuns = async (): Promise<string[]> =>
  (await readFile(join(root.path, "git.log"), "utf8")).split("\n").filter((line) => line !== "");

interface Settings {
  readonly repo?: string;
  readonly branch?: string | undefined;
  readonly token?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly log?: Log;
}

async function head(settings: Settings = {}): Promise<ForgeHead> {
  const { repo = `${forge.repoPrefix()}hermes`, branch, deadlineMs, signal, log = silentLog } = settings;
  const env = { PATH: path, MOLECULE_GIT_TOKEN: settings.token, ...settings.env };
  const services = {
    env,
    store: createStore({ directory: join(root.path, "cache"), env }),
    fetch: globalThis.fetch,
  };
  const repository = repositoryOf(hermes, { repo, repoPrefix: "", forge: "git" });
  const looking = gitForge(tokenFor("git", env), services, deadlineMs);
  return looking.head({ runtime: hermes, repository, branch }, { ...callWith(signal), log });
}

async function failure(settings: Settings = {}): Promise<ImageSourceError> {
  try {
    await head(settings);
  } catch (error) {
    if (isImageSourceError(error)) return maskError(error, createMask([token]));
    throw error;
  }
  throw new Error("the lookup did not fail");
}

describe("the current commit", () => {
  test("is that of HEAD, found with one git and without the cache directory", async () => {
    const url = `${forge.repoPrefix()}hermes`;
    expect(await head()).toEqual({
      commit,
      remote: { url, branch: "main", authorization: undefined, tokenVariable: "MOLECULE_GIT_TOKEN" },
    });
    expect(await gitRuns()).toEqual([`ls-remote --symref -- ${url} HEAD`]);
    await expect(readFile(join(root.path, "cache"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is that of the configured branch, whatever a tag or another branch is called", async () => {
    await forge.addTemplate("names", { Dockerfile: "" }, { branch: "trunk" });
    const wanted = await forge.commit("names", { a: "1" }, "Wanted\n", "release/1.x");
    const other = await forge.commit("names", { a: "2" }, "Other\n", "refs/heads/release/1.x");
    await forge.git("names", [
      "-c",
      "user.name=t",
      "-c",
      "user.email=t@t",
      "tag",
      "-a",
      "-m",
      "t",
      "release/1.x",
      other,
    ]);
    const found = await head({ repo: `${forge.repoPrefix()}names.git`, branch: "release/1.x" });
    expect(found).toMatchObject({ commit: wanted, remote: { branch: "release/1.x" } });
  });

  test.each(["sha1", "sha256"] as const)("is found in a repository of %s", async (objectFormat) => {
    const made = await forge.addTemplate(`f-${objectFormat}`, { Dockerfile: "" }, { objectFormat });
    expect(await head({ repo: `${forge.repoPrefix()}f-${objectFormat}` })).toMatchObject({ commit: made });
  });

  test.each(["sha1", "sha256"] as const)(
    "is found on a server of protocol v0 with %s",
    async (objectFormat) => {
      const old = await startForge({ allowAnySha: false });
      try {
        const made = await old.addTemplate("hermes", { Dockerfile: "" }, { objectFormat, branch: "trunk" });
        const repo = `${old.repoPrefix()}hermes`;
        expect(await head({ repo })).toMatchObject({ commit: made, remote: { branch: "trunk" } });
        expect(await head({ repo, branch: "trunk" })).toMatchObject({ commit: made });
      } finally {
        await old.stop();
      }
    },
  );

  test("is that of a HEAD that points to a commit", async () => {
    await forge.addTemplate("detached", { Dockerfile: "" });
    const before = (await forge.git("detached", ["rev-parse", "main"])).trim();
    await forge.commit("detached", { a: "1" });
    await forge.git("detached", ["update-ref", "--no-deref", "HEAD", before]);
    const found = await head({ repo: `${forge.repoPrefix()}detached` });
    expect(found).toMatchObject({ commit: before, remote: { branch: undefined } });
  });

  test("ignores the user's git configuration and a repository at the root", async () => {
    const home = join(root.path, "home");
    await mkdir(home);
    await writeFile(
      join(home, ".gitconfig"),
      `[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${forge.baseUrl}/\n`,
    );
    expect(await head({ env: { HOME: home, GIT_TRACE: join(root.path, "trace") } })).toMatchObject({
      commit,
    });
    await expect(readFile(join(root.path, "trace"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a token", () => {
  test("is sent to git as a password, and never in an argument", async () => {
    const closed = await startForge();
    try {
      closed.requireToken(token);
      const made = await closed.addTemplate("hermes", { Dockerfile: "" }, { private: true });
      const repo = `${closed.repoPrefix()}hermes`;
      const found = await head({ repo, token });
      expect(found.commit).toBe(made);
      expect(found.remote.authorization).toBe(
        `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`,
      );
      expect((await gitRuns()).join("\n")).not.toContain(token);

      const without = await failure({ repo });
      expect(without).toMatchObject({
        code: "SOURCE_DENIED",
        hint: expect.stringContaining("MOLECULE_GIT_TOKEN"),
      });
      expect(without.hint).toContain("is mirrored at this address");
      const wrong = await failure({ repo, token: "another-token" });
      expect(wrong).toMatchObject({ code: "SOURCE_DENIED", hint: expect.stringContaining("is valid") });
      expect(wrong.message + String(wrong.output)).not.toContain("another-token");
    } finally {
      await closed.stop();
    }
  });

  test.each([
    ["that is too short", `http://127.0.0.1:1/a/b`, "short"],
    ["over plain http", "http://git.example.com/a/b", token],
  ])("%s is refused before git is started", async (_what, repo, value) => {
    expect(await failure({ repo, token: value })).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("MOLECULE_GIT_TOKEN"),
    });
    expect(await gitRuns()).toEqual([]);
  });
});

describe("a redirect", () => {
  test("within the origin is followed, and its address is suggested", async () => {
    const made = await forge.addTemplate("before", { Dockerfile: "" });
    forge.rename("before", "after");
    const warned: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
    const found = await head({ repo: `${forge.repoPrefix()}before`, log });
    expect(found).toMatchObject({ commit: made, remote: { url: `${forge.baseUrl}/molecule-ai/after` } });
    expect(warned).toEqual([expect.stringContaining("templates.hermes.repo")]);
    expect(await gitRuns()).toHaveLength(2);
  });

  test("to another origin is not followed, and sends nothing there", async () => {
    const other = await startForge();
    try {
      await other.addTemplate("hermes", { Dockerfile: "" });
      const location = `${other.repoPrefix()}hermes/info/refs?service=git-upload-pack`;
      forge.fault("git", { status: 301, headers: { location } });
      expect(await failure({ token })).toMatchObject({
        code: "SOURCE_MALFORMED",
        hint: expect.stringContaining(other.baseUrl),
      });
      expect(other.requests).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  test("that never ends is refused", async () => {
    forge.fault("git", (request, response) => {
      const location = (request.url ?? "").replace("/info/refs", "x/info/refs");
      response.writeHead(302, { location }).end();
    });
    expect(await failure()).toMatchObject({
      code: "SOURCE_MALFORMED",
      message: expect.stringContaining("3 times"),
    });
  });
});

describe("nothing to build", () => {
  test.each([
    ["a HEAD that names no branch", undefined, /HEAD names a branch that does not exist/],
    ["a branch that does not exist", "nosuch", /has no branch nosuch/],
  ])("%s", async (_what, branch, message) => {
    await forge.addTemplate(`gone-${String(branch)}`, { Dockerfile: "" }, { defaultBranch: "nowhere" });
    const error = await failure({ repo: `${forge.repoPrefix()}gone-${String(branch)}`, branch });
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", transient: { withinMs: 4_000 } });
    expect(error.message).toMatch(message);
  });

  test.each([undefined, "main"])("an empty repository, branch %s", async (branch) => {
    await forge.addTemplate(`empty-${String(branch)}`, { Dockerfile: "" });
    await forge.git(`empty-${String(branch)}`, ["update-ref", "-d", "refs/heads/main"]);
    const error = await failure({ repo: `${forge.repoPrefix()}empty-${String(branch)}`, branch });
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", transient: { withinMs: 4_000 } });
  });

  test("a repository that does not exist", async () => {
    const error = await failure({ repo: `${forge.baseUrl}/molecule-ai/nosuch` });
    expect(error).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      hint: expect.stringContaining("MOLECULE_GIT_TOKEN"),
    });
    expect(error.hint).toContain("is mirrored at this address");
  });
});

const line = (text: string): string => (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
const advertisement = { "content-type": "application/x-git-upload-pack-advertisement" };

describe("a server that is not as it should be", () => {
  test("is down", async () => {
    expect(await failure({ repo: "http://127.0.0.1:1/a/b" })).toMatchObject({ code: "SOURCE_UNREACHABLE" });
  });

  test("breaks the connection", async () => {
    forge.fault("git", { reset: true });
    expect(await failure()).toMatchObject({ code: "SOURCE_UNREACHABLE", transient: expect.anything() });
  });

  test("is overloaded, and says for how long", async () => {
    forge.fault("git", { status: 503, headers: { "retry-after": "7" } });
    expect(await failure()).toMatchObject({ code: "SOURCE_UNREACHABLE", transient: { afterMs: 7000 } });
  });

  test.each([
    [
      "a page of HTML",
      { status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" },
    ],
    ["garbage as the protocol", { status: 200, headers: advertisement, body: "\0\u001b[31mgarbage" }],
    [
      "an invalid hash",
      {
        status: 200,
        headers: advertisement,
        body: `${line("# service=git-upload-pack\n")}0000${line("xyz HEAD\0\n")}0000`,
      },
    ],
  ])("sends %s", async (_what, answer) => {
    forge.fault("git", answer);
    const error = await failure();
    expect(error.code).toBe("SOURCE_MALFORMED");
    expect(error.message + String(error.output)).not.toContain("\u001b");
  });

  test("sends more refs than were asked for, endlessly", async () => {
    let sent = 0;
    forge.fault("git", (request, response) => {
      if (request.method === "GET") return false;
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
      const more = (): void => {
        while (
          !response.destroyed &&
          response.write(line(`${commit} refs/${String(sent++)}/HEAD\n`).repeat(500))
        );
      };
      response.on("drain", more);
      more();
      return true;
    });
    const error = await failure({ deadlineMs: 1500 });
    expect(["SOURCE_UNREACHABLE", "SOURCE_MALFORMED"]).toContain(error.code);
  });

  test("lists thousands of refs that end like the one asked for", async () => {
    await forge.addTemplate("many", { Dockerfile: "" });
    const sha = (await forge.git("many", ["rev-parse", "main"])).trim();
    forge.fault("git", (request, response) => {
      if (request.method === "GET") return false;
      const refs = Array.from({ length: 20_000 }, (_, index) => line(`${sha} refs/x${String(index)}/HEAD\n`));
      response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
      response.end(`${refs.join("")}0000`);
      return true;
    });
    expect(await failure({ repo: `${forge.repoPrefix()}many` })).toMatchObject({
      code: "SOURCE_MALFORMED",
      message: expect.stringContaining("512 KiB"),
    });
  });

  test.each([
    ["never responds", { hang: true } as const],
    ["sends a byte now and then", { drip: { everyMs: 20 } } as const],
  ])("%s", async (_what, fault) => {
    forge.fault("git", fault);
    expect(await failure({ deadlineMs: 500 })).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("within 0.5 s"),
    });
  });

  test("is left at once by a caller that aborts", async () => {
    const reason = new Error("the caller left");
    const leaving = new AbortController();
    forge.fault("git", () => {
      leaving.abort(reason);
      return true;
    });
    await expect(head({ signal: leaving.signal })).rejects.toBe(reason);
  });
});

test("a certificate that nobody trusts is reported; with NODE_EXTRA_CA_CERTS it is trusted", async () => {
  const authority = await makeAuthority(root.path);
  const server = createTlsServer(await authority.issue("localhost"), (_request, response) => {
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const repo = `https://localhost:${String((server.address() as AddressInfo).port)}/a/b`;
    const refused = await failure({ repo });
    expect(refused).toMatchObject({
      code: "SOURCE_UNREACHABLE",
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
    expect(await failure({ repo, env: { NODE_EXTRA_CA_CERTS: authority.file } })).toMatchObject({
      code: "SOURCE_NOT_FOUND",
    });
  } finally {
    server.close();
  }
});

test("a missing git is TOOL_MISSING", async () => {
  expect(await failure({ env: { PATH: join(root.path, "nothing") } })).toMatchObject({
    code: "TOOL_MISSING",
  });
});

test.each([
  ["an interpreter that does not exist", "#!/nosuch/sh\n", "its interpreter /nosuch/sh does not exist"],
  ["Windows line ends", "#!/bin/sh\r\n", "its first line ends with a carriage return"],
  [
    "a library that is missing",
    "#!/bin/sh\necho 'libz.so.1: cannot open' >&2; exit 127\n",
    "libz.so.1: cannot open",
  ],
])("a git with %s is TOOL_MISSING", async (what, script, why) => {
  const bin = join(root.path, what);
  await mkdir(bin);
  await writeFile(join(bin, "git"), script, { mode: 0o755 });
  expect(await failure({ env: { PATH: [bin, process.env["PATH"]].join(delimiter) } })).toMatchObject({
    code: "TOOL_MISSING",
    message: expect.stringContaining(why),
  });
});
