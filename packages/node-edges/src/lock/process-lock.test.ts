import { createHash } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Clock, type KeyedLock, silentLog } from "@molecule/core";
import { ownProcess } from "../run/process-identity.js";
import { createStore } from "../store/create-store.js";
import { createProcessLock } from "./process-lock.js";

let root: string;
let directory: string;
const children: ChildProcess[] = [];
const { signal } = new AbortController();

const clock: Clock = {
  monotonicMs: () => performance.now(),
  // Ten years off, because no decision may depend on the wall clock.
  wallMs: () => Date.now() + 10 * 365 * 86_400_000,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lock-"));
  directory = join(root, "cache", "locks");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

function lock(log = silentLog, time = clock): KeyedLock {
  return createProcessLock({
    store: createStore({ directory: join(root, "cache"), env: {} }),
    clock: time,
    log,
  });
}

/** Starts another process that takes the key and keeps it until it is killed or told to release it. */
async function holder(key: string): Promise<ChildProcess> {
  const [edges, core] = ["../../dist/index.js", "../../../core/dist/index.js"].map(
    (path) => new URL(path, import.meta.url).href,
  );
  const script = `
    const { createProcessLock, createStore } = await import(${JSON.stringify(edges)});
    const { silentLog } = await import(${JSON.stringify(core)});
    const clock = { monotonicMs: () => performance.now(), wallMs: () => 0, after: (ms, then) => { const t = setTimeout(then, ms); return () => clearTimeout(t); } };
    const store = createStore({ directory: ${JSON.stringify(join(root, "cache"))}, env: {} });
    const lock = createProcessLock({ store, clock, log: silentLog });
    const release = await lock.take(${JSON.stringify(key)}, new AbortController().signal);
    console.log("taken");
    process.stdin.once("data", async () => { await release(); console.log("released"); process.stdin.destroy(); });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  expect(line).toBe("taken");
  return child;
}

const lockFile = async (): Promise<string> =>
  join(directory, (await readdir(directory)).find((name) => name.endsWith(".lock")) ?? "none");

describe("between processes", () => {
  test("only one at a time has a key, and the next gets it on release", async () => {
    const other = await holder("k");
    const own = lock();
    expect(await own.tryTake("k")).toBeUndefined();
    const free = await own.tryTake("another");
    expect(free).toBeDefined();
    const waited = own.take("k", signal);
    other.stdin?.write("go");
    await (
      await waited
    )();
    await free?.();
    expect(await readdir(directory)).toEqual([]);
  });

  test("a waiting process is notified of the release, without polling", async () => {
    const other = await holder("k");
    let asks = 0;
    const after: Clock["after"] = () => {
      asks += 1;
      return () => undefined;
    };
    const waited = lock(silentLog, { ...clock, after }).take("k", signal);
    while (asks === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    other.stdin?.write("go");
    await (
      await waited
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("the lock of a killed process is taken over within seconds", async () => {
    const other = await holder("k");
    const own = lock();
    const waited = own.take("k", signal);
    const began = performance.now();
    other.kill("SIGKILL");
    const release = await waited;
    expect(performance.now() - began).toBeLessThan(10_000);
    await release();
    expect(await readdir(directory)).toEqual([]);
  });

  test("a waiter that aborts leaves nothing behind, and the key goes to others", async () => {
    const other = await holder("k");
    const own = lock();
    const leaver = new AbortController();
    const left = own.take("k", leaver.signal);
    const stayed = own.take("k", signal);
    leaver.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    other.stdin?.write("go");
    await (
      await stayed
    )();
    expect(await readdir(directory)).toEqual([]);
  });

  test("two locks of one process exclude each other too", async () => {
    const [one, two] = [lock(), lock()];
    const release = await one.take("k", signal);
    expect(await two.tryTake("k")).toBeUndefined();
    const waited = two.take("k", signal);
    await release();
    await (
      await waited
    )();
  });
});

describe("an invalid lock file", () => {
  /** Returns the path of the lock for the key "k". */
  async function place(): Promise<string> {
    const release = await lock().take("k", signal);
    const path = await lockFile();
    await release();
    return path;
  }

  test.each<[string, (path: string) => Promise<unknown>]>([
    ["nothing", (path) => writeFile(path, "")],
    ["garbage", (path) => writeFile(path, "\u0000\u0001 not JSON {")],
    ["JSON that is no lock", (path) => writeFile(path, "null")],
    ["something endless", (path) => writeFile(path, "x".repeat(1_000_000))],
    ["a directory", (path) => mkdir(join(path, "sub"), { recursive: true })],
    ["a link to a file", (path) => symlink(join(root, "mine"), path)],
    ["a link to nowhere", (path) => symlink(join(root, "nowhere"), path)],
    ["a link to itself", (path) => symlink(path, path)],
    [
      "the lock of another machine",
      (path) => writeFile(path, JSON.stringify({ process: "1-01234567-89abcdef", token: "t" })),
    ],
    [
      "the lock of a process whose number this one has now",
      async (path) => {
        const earlier = (await ownProcess()).replace(/[0-9a-f]+$/, "00000000");
        await writeFile(path, JSON.stringify({ process: earlier, token: "t" }));
      },
    ],
    [
      "a dead lock that says it is from the future",
      async (path) => {
        const [, space = ""] = (await ownProcess()).split("-");
        await writeFile(path, JSON.stringify({ process: `4194303-${space}-00000000`, token: "t" }));
        await utimes(path, 4e9, 4e9);
      },
    ],
    [
      "a file that cannot be read",
      async (path) => {
        await writeFile(path, "x");
        await chmod(path, 0);
      },
    ],
  ])("blocks nobody: %s", async (_what, put) => {
    await writeFile(join(root, "mine"), "mine");
    const path = await place();
    await put(path);
    const release = await lock().tryTake("k");
    expect(release).toBeDefined();
    await release?.();
    expect(await readdir(directory)).toEqual([]);
    expect(await readFile(join(root, "mine"), "utf8")).toBe("mine");
  });

  test("is taken over by only one of many concurrent processes", async () => {
    const path = await place();
    await writeFile(path, "garbage");
    const results = await Promise.all(Array.from({ length: 20 }, () => lock().tryTake("k")));
    const releases = results.filter((release) => release !== undefined);
    expect(releases).toHaveLength(1);
    await releases[0]?.();
  });
});

test("files of killed processes are swept, those of others are not", async () => {
  const own = await ownProcess();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const left = [
    `00.lock.${own.replace(/^\d+/, "4194303")}.${"a".repeat(16)}`,
    `00.lock.${own}.${"b".repeat(16)}`,
  ];
  // Empty, because a process about to take a lock has created the file but not written it yet.
  for (const name of left) await writeFile(join(directory, name), "");
  // The lock of an image that is never requested again.
  const dead = JSON.stringify({ process: own.replace(/^\d+/, "4194303"), token: "t" });
  await writeFile(join(directory, "01.lock"), dead);
  await (
    await lock().take("k", signal)
  )();
  expect(await readdir(directory)).toEqual([left[1]]);
});

test("a guard left by a killed process blocks nobody", async () => {
  await (
    await lock().take("k", signal)
  )();
  const path = join(directory, `${createHash("sha256").update("k").digest("hex").slice(0, 32)}.lock`);
  for (const file of [path, `${path}.guard`]) await writeFile(file, "garbage");
  await (
    await lock().take("k", signal)
  )();
  expect(await readdir(directory)).toEqual([]);
});

test("if no lock file can be written, the lock covers only this process, and a debug message says so", async () => {
  await writeFile(join(root, "cache"), "a file in the way");
  const messages: string[] = [];
  const own = lock({ ...silentLog, debug: (message) => void messages.push(message) });
  const release = await own.take("k", signal);
  expect(await own.tryTake("k")).toBeUndefined();
  await release();
  expect(await own.tryTake("k")).toBeDefined();
  expect(messages).toContain("no lock between processes");
});
