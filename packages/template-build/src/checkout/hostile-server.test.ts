import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  createMask,
  type ImageSourceError,
  isImageSourceError,
  maskError,
  parseCommitSha,
  silentReport,
} from "@molecule/core";
import { startForge, type Forge } from "@molecule/testkit";
import { checkOut } from "./check-out.js";
import { type CheckOutRequest } from "./check-out-request.js";
import { hermesRequest } from "./check-out-request.test.support.js";

let root: string;
let forge: Forge;
let sha: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hostile-"));
  forge = await startForge();
  sha = await forge.addTemplate("hermes", { Dockerfile: "FROM scratch\n" });
});

afterEach(async () => {
  await forge.stop();
  await rm(root, { recursive: true, force: true });
});

function request(changes: Partial<CheckOutRequest> = {}): CheckOutRequest {
  return hermesRequest({ forge, root, sha }, changes);
}

async function failure(request: CheckOutRequest): Promise<ImageSourceError> {
  try {
    const { written, settle } = await checkOut(request);
    await written.finally(settle);
  } catch (error) {
    if (isImageSourceError(error)) return error;
    throw error;
  }
  throw new Error("the checkout did not fail");
}

function line(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, "0") + text;
}

const service = "application/x-git-upload-pack";

/** Speaks protocol version 2, sends the given response, and serves no objects. */
function respondWith(response: ServerResponse, incoming: IncomingMessage, body: string): void {
  if (incoming.method === "GET") {
    const capabilities = ["version 2\n", "agent=evil\n", "ls-refs\n", "fetch=shallow\n", "bundle-uri\n"];
    const advertised = [...capabilities, `object-format=${sha.length === 64 ? "sha256" : "sha1"}\n`]
      .map(line)
      .join("");
    response.setHeader("content-type", `${service}-advertisement`);
    response.end(`${line("# service=git-upload-pack\n")}0000${advertised}0000`);
    return;
  }
  response.setHeader("content-type", `${service}-result`);
  response.end(body);
}

describe.each(["the first fetch", "the next fetch"])("%s", (which) => {
  beforeEach(async () => {
    if (which === "the first fetch") return;
    await (await checkOut(request())).settle();
    sha = await forge.commit("hermes", { Dockerfile: "FROM other\n" });
  });

  test("does not request bundles that the server offers", async () => {
    const requests: string[] = [];
    const bodies: string[] = [];
    const canary = createServer((incoming, response) => {
      requests.push(incoming.url ?? "");
      response.end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => canary.once("listening", resolve));
    const uri = `http://127.0.0.1:${String((canary.address() as AddressInfo).port)}/x.bundle`;
    forge.fault("git", async (incoming, response) => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const body = Buffer.concat(parts).toString("latin1");
      bodies.push(body);
      const bundles = ["bundle.version=1\n", "bundle.mode=all\n", `bundle.x.uri=${uri}\n`].map(line).join("");
      respondWith(response, incoming, `${bundles}0000`);
    });
    try {
      await failure(request());
    } finally {
      canary.close();
    }
    expect(bodies.length).toBeGreaterThan(1);
    expect(bodies.join("\n")).not.toContain("command=bundle-uri");
    expect(requests).toEqual([]);
  });

  test("escapes the server's side-band messages everywhere", async () => {
    const evil = "\u001b]52;c;AAAA\u0007\u009b31m evil\n";
    const lines: string[] = [];
    forge.fault("git", (incoming, response) => {
      incoming.resume();
      respondWith(
        response,
        incoming,
        `${line("packfile\n")}${line(`\u0002${evil}`)}${line(`\u0003fatal ${evil}`)}0000`,
      );
    });
    const report = { ...silentReport, output: (text: string) => void lines.push(text) };
    const error = await failure(request({ report }));

    expect(lines.join("\n")).toContain("evil");
    const left = maskError(error, createMask());
    const shown = JSON.stringify(left) + left.message + (left.output ?? "") + (left.stack ?? "");
    expect(shown).toContain("evil");
    // eslint-disable-next-line no-control-regex -- these must not appear
    expect(shown).not.toMatch(/[\u0007\u001b\u009b]/);
  });

  /** Ten levels of ten identical entries: a small pack, and 10^10 files in a checkout. */
  async function addBomb(): Promise<string> {
    const directory = (await forge.git("hermes", ["rev-parse", "--absolute-git-dir"])).trim();
    let tree = (await forge.git("hermes", ["rev-parse", "main^{tree}"])).trim();
    for (let level = 0; level < 10; level += 1) {
      const input = Array.from({ length: 10 }, (_, index) => `040000 tree ${tree}\td${String(index)}\n`).join(
        "",
      );
      tree = execFileSync("git", ["--git-dir", directory, "mktree"], { input, encoding: "utf8" }).trim();
    }
    return (await forge.git("hermes", ["commit-tree", tree, "-m", "bomb"])).trim();
  }

  /** Read immediately: the processes are short-lived. */
  function memoryOf(processId: string): number {
    try {
      if (!readlinkSync(`/proc/${processId}/cwd`).startsWith(root)) return 0;
      const status = readFileSync(`/proc/${processId}/status`, "utf8");
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  /** Returns the peak memory, in bytes, of any process that works below `root`; samples until `done` settles. */
  async function memoryUntil(done: Promise<unknown>): Promise<number> {
    const end = new AbortController();
    const settled = done.then(
      () => end.abort(),
      () => end.abort(),
    );
    let most = 0;
    while (!end.signal.aborted) {
      for (const number of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
        most = Math.max(most, memoryOf(number));
      await Promise.race([settled, sleep(5)]);
    }
    return most;
  }

  const littleMemory = 32 * 1024 * 1024;

  test("rejects a tree bomb before it is in memory, and leaves nothing of it", async () => {
    const commit = await addBomb();
    await forge.git("hermes", ["update-ref", "refs/heads/main", commit]);
    const former = await readdir(join(root, "cache", "hermes")).catch(() => []);
    const before = process.memoryUsage().rss;

    const signal = AbortSignal.timeout(60_000);
    const checkout = failure(request({ commit: parseCommitSha(commit), signal }));
    const most = await memoryUntil(checkout);

    expect(await checkout).toMatchObject({
      code: "TEMPLATE_INVALID",
      message: expect.stringContaining("too many files") as unknown,
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(littleMemory);
    expect(process.memoryUsage().rss - before).toBeLessThan(3 * littleMemory);
    expect(await readdir(join(root, "cache", "hermes"))).toEqual(former);
  });

  test("writes a file bomb in chunks", async () => {
    const bytes = 48 * 1024 * 1024;
    const commit = await forge.commit("hermes", { large: Buffer.alloc(bytes) });

    const checkout = checkOut(request({ commit: parseCommitSha(commit) }));
    const most = await memoryUntil(checkout);
    const { files, settle } = await checkout;

    expect((await stat(join(await files(), "large"))).size).toBe(bytes);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(littleMemory);
    await settle();
  });
});
