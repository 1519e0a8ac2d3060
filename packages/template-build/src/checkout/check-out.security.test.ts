import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ImageSourceError } from "@molecule/core";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut as checkOutOnly } from "./check-out.js";
import { type CheckOutRequest } from "./check-out-request.js";
import { hermesRequest } from "./check-out-request.test.support.js";
import { findProgram } from "@molecule/node-edges";

const token = "tok-0123456789abcdef";
const encoded = Buffer.from(`x-access-token:${token}`).toString("base64");
const path = process.env["PATH"] ?? "";
let root: string;
let forge: Forge;
let sha: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "checkout-"));
  forge = await startForge();
  sha = await forge.addTemplate("hermes", {
    Dockerfile: "FROM scratch\n",
    "data.bin": "as committed\n",
    ".gitattributes": "*.bin filter=evil\n",
    ".gitmodules": `[submodule "s"]\n\tpath = s\n\turl = ${forge.baseUrl}/canary/s.git\n`,
    s: { submodule: "2".repeat(40) },
  });
  forge.requireToken(token);
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
  const { remote, ...others } = hermesRequest({ forge, root, sha });
  return { ...others, remote: { ...remote, authorization: `Basic ${encoded}` }, ...changes };
}

/** Creates a PATH directory whose `git` records its arguments and environment, then runs git. */
async function recordingGit(): Promise<string> {
  const git = findProgram("git", path) ?? "";
  const bin = join(root, "bin");
  await mkdir(bin);
  const script = `#!/bin/sh\nprintf '%s\\n' "$0 $*" >>'${root}/argv'\nenv >>'${root}/environment'\nexec '${git}' "$@"\n`;
  await writeFile(join(bin, "git"), script);
  await chmod(join(bin, "git"), 0o755);
  return bin;
}

async function textsBelow(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), "latin1"));
  return (await Promise.all(files)).join("\n");
}

/** Returns the processes that work in `directory` or below. */
async function processesIn(directory: string): Promise<string[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    numbers.map((number) => readFile(`/proc/${number}/environ`, "latin1").catch(() => "")),
  );
  return numbers.filter((_number, index) => found[index]?.includes(directory));
}

describe.each(["the first fetch", "the next fetch"])("%s", (which) => {
  beforeEach(async () => {
    if (which === "the first fetch") return;
    await checkOut(request());
    sha = await forge.commit("hermes", { other: "file\n" });
  });

  test("fetches with the token, which is in no argument and no file", async () => {
    const bin = await recordingGit();

    const { directory } = await checkOut(request({ env: { PATH: `${bin}:${path}` } }));

    const argv = await readFile(join(root, "argv"), "utf8");
    expect(argv).toMatch(
      new RegExp(`fetch --depth=1 .* -- ${forge.repoPrefix()}hermes\\.git \\+${sha}:`, "m"),
    );
    for (const text of [argv, await textsBelow(join(root, "cache"))]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(encoded);
    }
    expect(await readFile(join(directory, ".git/config"), "utf8")).not.toContain("http");
  });

  test("passes git only the environment that it needs, without relative entries of PATH", async () => {
    const bin = await recordingGit();
    const env = {
      PATH: `${bin}:.:relative:${path}`,
      HOME: root,
      GIT_TRACE: join(root, "trace"),
      GIT_TRACE_CURL: join(root, "trace"),
      GIT_SSH_COMMAND: "false",
      GIT_DIR: "/nonexistent",
      LD_PRELOAD: "/nonexistent.so",
      SECRET: "s3cr3t-value",
      HTTPS_PROXY: "http://127.0.0.1:1",
      HTTP_PROXY: "http://127.0.0.1:1",
      NO_PROXY: "example.com",
    };

    await checkOut(request({ env }));

    const lines = (await readFile(join(root, "environment"), "utf8")).split("\n");
    const names = new Set(
      lines.map((line) => line.split("=", 1)[0] ?? "").filter((name) => !name.startsWith("GIT_CONFIG_")),
    );
    for (const name of ["GIT_TRACE", "GIT_TRACE_CURL", "GIT_SSH_COMMAND", "LD_PRELOAD", "SECRET"])
      expect(names).not.toContain(name);
    expect(new Set(lines.filter((line) => line.startsWith("GIT_DIR=")))).toEqual(new Set(["GIT_DIR=."]));
    expect([...names].filter((name) => /_proxy$/i.test(name))).toEqual([]);
    expect(lines.find((line) => line.startsWith("PATH="))).toBe(`PATH=${bin}:${path}`);
    expect(lines.find((line) => line.startsWith("HOME="))).not.toBe(`HOME=${root}`);
    await expect(readFile(join(root, "trace"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("ignores the user's git configuration: no other URL, hook, filter or template", async () => {
    const canary = join(root, "canary");
    const script = join(root, "run");
    await writeFile(script, `#!/bin/sh\ntouch '${canary}'\ncat\n`);
    await chmod(script, 0o755);
    await mkdir(join(root, "templates", "hooks"), { recursive: true });
    await writeFile(join(root, "templates", "hooks", "post-checkout"), `#!/bin/sh\ntouch '${canary}'\n`, {
      mode: 0o755,
    });
    const config = [
      `[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${forge.baseUrl}/`,
      `[core]\n\thooksPath = ${join(root, "templates", "hooks")}\n\tfsmonitor = ${script}`,
      `[filter "evil"]\n\tsmudge = ${script}\n\trequired = true`,
      `[init]\n\ttemplateDir = ${join(root, "templates")}`,
      `[credential]\n\thelper = ${script}`,
    ].join("\n");
    await writeFile(join(root, ".gitconfig"), config);
    const env = {
      PATH: path,
      HOME: root,
      XDG_CONFIG_HOME: root,
      GIT_CONFIG_GLOBAL: join(root, ".gitconfig"),
      GIT_TEMPLATE_DIR: join(root, "templates"),
    };

    const { directory } = await checkOut(request({ env }));

    expect(await readFile(join(directory, "data.bin"), "utf8")).toBe("as committed\n");
    await expect(readFile(canary)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("does not fetch submodules", async () => {
    const { directory } = await checkOut(request());

    expect(await readdir(join(directory, "s"))).toEqual([]);
    expect(forge.requests.filter(({ path: asked }) => asked.includes("canary"))).toEqual([]);
  });

  test("does not follow a redirect, and sends nothing to its target", async () => {
    const received: string[] = [];
    const other = createServer((incoming, response) => {
      received.push(`${String(incoming.method)} ${String(incoming.url)}`);
      response.end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const location = `http://127.0.0.1:${String((other.address() as AddressInfo).port)}/x.git/info/refs?service=git-upload-pack`;
    try {
      for (const status of [301, 302, 307, 308]) {
        forge.fault("git", { status, headers: { location } }, { times: 1 });
        await expect(checkOut(request())).rejects.toMatchObject({ code: "CHECKOUT_FAILED" });
      }
      forge.fault(/\/git-upload-pack$/, { status: 307, headers: { location } });
      await expect(checkOut(request())).rejects.toBeInstanceOf(ImageSourceError);
    } finally {
      other.close();
    }
    expect(received).toEqual([]);
  });

  test.each([true, false])(
    "an abort during a fetch ends every process and leaves no directory (setsid: %j)",
    async (hasSetsid) => {
      const bin = join(root, "bin");
      await mkdir(bin);
      for (const tool of ["git", "ps"]) await symlink(findProgram(tool, path) ?? "", join(bin, tool));
      const former = await readdir(join(root, "cache", "hermes")).catch(() => []);
      const requests = forge.gitRequests().length;
      forge.fault(/\/git-upload-pack$/, { hang: true });
      const abort = new AbortController();
      const reason = new ImageSourceError({ code: "CANCELLED", message: "m", hint: "h" });

      const checkout = checkOut(request({ signal: abort.signal, env: { PATH: hasSetsid ? path : bin } }));
      const refused = expect(checkout).rejects.toBe(reason);
      while (
        !forge
          .gitRequests()
          .slice(requests)
          .some(({ method }) => method === "POST")
      )
        await sleep(10);
      expect(await processesIn(join(root, "cache"))).not.toEqual([]);
      abort.abort(reason);
      await refused;

      expect(await processesIn(join(root, "cache"))).toEqual([]);
      expect(await readdir(join(root, "cache", "hermes")).catch(() => [])).toEqual(former);
    },
  );

  test("does nothing if aborted before it begins", async () => {
    const former = await readdir(root, { recursive: true });

    await expect(checkOut(request({ signal: AbortSignal.abort(new Error("gone")) }))).rejects.toThrow("gone");

    expect(await readdir(root, { recursive: true })).toEqual(former);
  });

  test("does not print the token with DEBUG=*", async () => {
    const program = `
    import { simpleGit } from "simple-git";
    import { hiddenValue } from ${JSON.stringify(new URL("./hidden-value.ts", import.meta.url).href)};
    await simpleGit({ allowEnvironment: ["GIT_X"] }).env({ PATH: process.env.PATH, GIT_X: hiddenValue("${token}") }).raw(["version"]);`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        program.replace(/^\s*import \{ hiddenValue.*$/m, await hiddenValueSource()),
      ],
      { cwd: new URL(".", import.meta.url), env: { PATH: path, DEBUG: "*" } },
    );

    expect(stderr).toContain("GIT_X");
    expect(stdout + stderr).not.toContain(token);
  });

  /** The function as plain JavaScript, for a process that cannot load TypeScript. */
  async function hiddenValueSource(): Promise<string> {
    const { hiddenValue } = await import("./hidden-value.js");
    return `import { inspect } from "node:util"; ${hiddenValue.toString()}`;
  }
});
