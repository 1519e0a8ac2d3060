import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, copyFile, open, readFile } from "node:fs/promises";
import { relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunOptions } from "@molecule/core";
import { nodeEdges } from "../node-edges.js";
import { temporaryTree, type TemporaryTree } from "@molecule/test-fixtures";

const { run } = nodeEdges({});
const env = { PATH: "/usr/bin:/bin" };
let tree: TemporaryTree;

beforeEach(async () => {
  tree = await temporaryTree();
});
afterEach(() => tree.remove());

const sh = (script: string, options: Partial<RunOptions> = {}): ReturnType<typeof run> =>
  run("sh", ["-c", script], { env, ...options });

/** Returns whether a process is running. One that exits closes its files first, and becomes a zombie a moment later. */
async function isRunning(pid: number): Promise<boolean> {
  expect(pid).toBeGreaterThan(0);
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const state = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
    if (state === "" || /\) [ZX] /.test(state)) return false;
    await sleep(10);
  }
  return true;
}

test("returns both streams and the exit code, with only the given environment", async () => {
  const result = await sh("env; echo err >&2; exit 3", { env: { ...env, ONLY: "this" } });
  expect(result).toMatchObject({ exitCode: 3, stderr: "err\n", ended: "itself" });
  expect(
    result.stdout
      .split("\n")
      .filter((line) => !/^(PWD|SHLVL|OLDPWD|_)=|^$/.test(line))
      .sort(),
  ).toEqual(["ONLY=this", "PATH=/usr/bin:/bin"]);
});

test("runs nothing from a relative entry of PATH", async () => {
  await tree.write({ "bin/only-here": "#!/bin/sh\necho ran\n" });
  await chmod(tree.path("bin/only-here"), 0o755);
  const PATH = relative(process.cwd(), tree.path("bin"));

  expect(await run("only-here", [], { env: { PATH } })).toMatchObject({ ended: "not-found" });
  expect(await run("only-here", [], { env: { PATH: tree.path("bin") } })).toMatchObject({ stdout: "ran\n" });
});

describe("a program that exists but cannot be started is TOOL_MISSING, with its path and the reason", () => {
  test.each([
    [
      "an interpreter that does not exist",
      "#!/nosuch/python9 -u\n",
      "its interpreter /nosuch/python9 does not exist",
    ],
    ["Windows line ends", "#!/bin/sh\r\necho ran\r\n", "its first line ends with a carriage return"],
    ["an interpreter that is a directory", "#!/tmp\n", "its interpreter /tmp cannot be started (EACCES)"],
  ])("%s", async (_what, script, why) => {
    await tree.write({ "bin/own": script });
    await chmod(tree.path("bin/own"), 0o755);
    const started = run("own", [], { env: { PATH: tree.path("bin") } });
    await expect(started).rejects.toMatchObject({ code: "TOOL_MISSING" });
    await expect(started).rejects.toThrow(`cannot start ${tree.path("bin/own")}: ${why}`);
  });

  test("a file that is open for writing", async () => {
    await tree.write({ "bin/own": "" });
    await copyFile("/bin/true", tree.path("bin/own"));
    await chmod(tree.path("bin/own"), 0o755);
    const writer = await open(tree.path("bin/own"), "r+");
    try {
      const started = run("own", [], { env: { PATH: tree.path("bin") } });
      await expect(started).rejects.toMatchObject({ code: "TOOL_MISSING" });
      await expect(started).rejects.toThrow("ETXTBSY");
    } finally {
      await writer.close();
    }
  });
});

test.each(["a directory", "a file without permission to run it"])("%s is not a program", async (what) => {
  await tree.write(what === "a directory" ? { "bin/own/": "" } : { "bin/own": "#!/bin/sh\n" });
  expect(await run("own", [], { env: { PATH: tree.path("bin") } })).toMatchObject({ ended: "not-found" });
});

test("arguments are never interpreted by a shell", async () => {
  const nasty = ["$(touch x)", "; touch x", "`touch x`", "a\nb", "'\""];
  expect((await run("printf", ["%s|", ...nasty], { env, cwd: tree.root })).stdout).toBe(
    nasty.map((part) => `${part}|`).join(""),
  );
});

test("sends the input, even to a program that does not read it", async () => {
  expect((await run("cat", [], { env, input: "in" })).stdout).toBe("in");
  expect(await run("true", [], { env, input: "x".repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test("allows any amount of output if none is kept, and splits a line without an end", async () => {
  let [lines, longest] = [0, 0];
  const result = await sh("head -c 3000000 /dev/zero | tr '\\0' x; echo; yes | head -n 1000000", {
    keepOutput: false,
    onLine: (line) => {
      lines += 1;
      longest = Math.max(longest, line.length);
    },
  });
  expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "", ended: "itself" });
  expect(lines).toBeGreaterThanOrEqual(1_000_001);
  expect(longest).toBe(4096);
});

test("pauses output while it is held back, and delivers all of it in the end", async () => {
  let [bytes, mostAtOnce, sinceAsked, isHeld] = [0, 0, 0, false];
  const result = await sh("yes 0123456 | head -c 1000000", {
    keepOutput: false,
    onLine: (line) => {
      expect(isHeld).toBe(false);
      bytes += line.length + 1;
      sinceAsked += line.length + 1;
    },
    drained: async () => {
      mostAtOnce = Math.max(mostAtOnce, sinceAsked);
      [sinceAsked, isHeld] = [0, true];
      await new Promise((resolve) => setImmediate(resolve));
      isHeld = false;
    },
  });
  expect(result).toMatchObject({ exitCode: 0, ended: "itself" });
  expect(bytes).toBe(1_000_000);
  expect(mostAtOnce).toBeLessThanOrEqual(8192);
});

test("a program that is held back forever ends when it is cancelled", async () => {
  const caller = new AbortController();
  const result = await sh("yes", {
    keepOutput: false,
    graceMs: 100,
    signal: caller.signal,
    onLine: () => undefined,
    drained: () => {
      caller.abort();
      return new Promise(() => undefined);
    },
  });
  expect(result).toMatchObject({ ended: "cancelled" });
});

test("signals only the program itself if requested, so that its children can help to clean up", async () => {
  const helper = "sleep 1; echo helped";
  const script = `trap 'wait $!; echo tidy; exit 0' TERM; sh -c '${helper}' & echo up; wait`;
  const caller = new AbortController();
  const onLine = (line: string): void => {
    if (line === "up") caller.abort();
  };
  const options = { graceMs: 20_000, signal: caller.signal, onLine };
  expect((await sh(script, { ...options, asksLeader: true })).stdout).toBe("up\nhelped\ntidy\n");
});

test("waits for a program that cleans up, as long as requested", async () => {
  const script = "trap 'sleep 3; echo tidy; exit 0' TERM; echo up; sleep 30 & wait";
  const caller = new AbortController();
  const result = await sh(script, {
    graceMs: 20_000,
    signal: caller.signal,
    onLine: (line) => {
      if (line === "up") caller.abort();
    },
  });
  expect(result).toMatchObject({ ended: "cancelled", stdout: "up\ntidy\n" });
});

test("passes on lines as they arrive, split across chunks, without their ends", async () => {
  const lines: string[] = [];
  await sh("printf 'a\\nb'; sleep 0.1; printf 'c\\r\\n\\303'; sleep 0.1; printf '\\244'", {
    onLine: (line) => lines.push(line),
  });
  expect(lines).toEqual(["a", "bc", "ä"]);
});

test.each([
  ["a name that is nowhere", "no-such-program", env],
  ["a directory", "/bin/", env],
  ["a file that is not executable", "/etc/passwd", env],
  ["a name with no PATH", "sh", {}],
  ["what lies in the working directory, by a relative PATH", "tool", { PATH: ".::bin" }],
])("not found: %s", async (_name, command, own) => {
  await tree.write({ tool: "#!/bin/sh\n", "bin/tool": "#!/bin/sh\n" });
  expect(await run(command, [], { env: own, cwd: tree.root })).toMatchObject({
    ended: "not-found",
    exitCode: null,
  });
});

test("rejects if the working directory does not exist, and names it", async () => {
  const started = run("true", [], { env, cwd: tree.path("gone") });
  await expect(started).rejects.toMatchObject({ code: "STORAGE_UNUSABLE" });
  await expect(started).rejects.toThrow(tree.path("gone"));
});

test("ends a child that writes too much", async () => {
  const result = await run("yes", [], { env, maxOutputBytes: 1000 });
  expect(result).toMatchObject({ ended: "too-much-output" });
  expect(result.stdout).toHaveLength(1000);
});

describe("the whole process group ends", () => {
  const family = `sh -c 'echo $$ >&2; sleep 600' & echo $$; wait`;
  /** Nothing is killed late: the first signal ends every process. */
  const graceMs = 600_000;

  test("on a timeout", async () => {
    const result = await sh(family, { timeoutMs: 2_000, graceMs });
    expect(result.ended).toBe("timed-out");
    expect(await isRunning(Number(result.stderr))).toBe(false);
  });

  test("when the caller aborts", async () => {
    const stop = new AbortController();
    let lines = 0;
    const result = await sh(family, {
      graceMs,
      signal: stop.signal,
      onLine: () => {
        // Both processes have printed their IDs.
        if (++lines === 2) stop.abort();
      },
    });
    expect(result.ended).toBe("cancelled");
    expect(await isRunning(Number(result.stderr))).toBe(false);
  });

  test.each([false, true])(
    "including what has left it for its own session, if only the leader is signalled: %s",
    async (asksLeader) => {
      const stop = new AbortController();
      const result = await sh("setsid sh -c 'echo $$; exec sleep 600' & wait", {
        asksLeader,
        graceMs,
        signal: stop.signal,
        onLine: () => {
          stop.abort();
        },
      });
      expect(result.ended).toBe("cancelled");
      expect(await isRunning(Number(result.stdout))).toBe(false);
    },
  );

  test("by force if it ignores the signal", async () => {
    const result = await sh("trap '' TERM; echo $$; while :; do sleep 0.1; done", { timeoutMs: 2_000 });
    expect(result).toMatchObject({ ended: "timed-out", exitCode: null });
    expect(await isRunning(Number(result.stdout))).toBe(false);
  });

  test("and nothing starts for a caller that has already aborted", async () => {
    const result = await sh("touch x", { signal: AbortSignal.abort(), cwd: tree.root });
    expect(result.ended).toBe("cancelled");
    await expect(readFile(tree.path("x"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

test("the clock calls back once, and not after a cancel; it does not go back", async () => {
  const { clock } = nodeEdges({});
  const before = clock.monotonicMs();
  const called: string[] = [];
  const cancel = clock.after(10, () => called.push("cancelled"));
  cancel();
  clock.after(20, () => called.push("called"));
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(called).toEqual(["called"]);
  expect(clock.monotonicMs() - before).toBeGreaterThan(40);
});

test("home is that of the given environment", () => {
  expect(nodeEdges({ HOME: "/h" }).home).toBe("/h");
  expect(nodeEdges({ HOME: "" }).home).toMatch(/^\//);
});
