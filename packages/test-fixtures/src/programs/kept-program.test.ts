import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "@molecule/testkit/internal";
import { startKeptProgram } from "./kept-program.js";

let work: TemporaryDirectory;

beforeEach(async () => {
  work = await temporaryDirectory();
});

afterEach(() => work.remove());

const at = (name: string): string => join(work.path, name);
const script = (text: string): readonly string[] => ["/bin/sh", "-c", text];
const trace = (): Promise<string> => readFile(at("trace"), "utf8").catch(() => "");

async function traceSays(word: string): Promise<void> {
  while (!(await trace()).includes(word)) await sleep(10);
}

describe("a kept program", () => {
  test("is set up, asked to end and torn down in this order", async () => {
    const program = startKeptProgram({
      command: script(
        'trap "echo term >>$TRACE; exit" TERM; echo run >>"$TRACE"; while :; do sleep 0.05; done',
      ),
      logFile: at("log"),
      setUp: 'echo set up >>"$TRACE"',
      beforeStop: 'echo before >>"$TRACE"',
      tearDown: 'echo torn down >>"$TRACE"',
      env: { TRACE: at("trace") },
    });
    await traceSays("run");
    await program.stop();
    expect(await trace()).toBe("set up\nrun\nbefore\nterm\ntorn down\n");
    await program.stop();
  });

  test("is not started when the set-up fails, but is torn down", async () => {
    const program = startKeptProgram({
      command: script('echo run >>"$TRACE"'),
      logFile: at("log"),
      setUp: "echo no room >&2\nfalse\ntrue",
      tearDown: 'echo torn down >>"$TRACE"',
      env: { TRACE: at("trace") },
    });
    expect(await program.ended).toContain("no room");
    expect(await trace()).toBe("torn down\n");
  });

  test("reports its last output when it exits on its own", async () => {
    const program = startKeptProgram({
      command: script("echo the last words; exit 3"),
      logFile: at("log"),
      tearDown: 'echo torn down >>"$TRACE"',
      env: { TRACE: at("trace") },
    });
    expect(await program.ended).toBe("the last words\n");
    expect(await trace()).toBe("torn down\n");
  });

  test("does not survive a starter that is killed", async () => {
    // A separate process needs JavaScript, so it uses the build's.
    const built = new URL("../../dist/programs/kept-program.js", import.meta.url).href;
    const starter = `
      const { startKeptProgram } = await import(${JSON.stringify(built)});
      startKeptProgram(${JSON.stringify({
        command: script(
          'trap "echo term >>$TRACE; exit" TERM; echo run >>"$TRACE"; while :; do sleep 0.05; done',
        ),
        logFile: at("log"),
        tearDown: 'echo torn down >>"$TRACE"',
        env: { TRACE: at("trace") },
      })});
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", starter], { stdio: "inherit" });
    await traceSays("run");
    child.kill("SIGKILL");
    await once(child, "exit");
    await traceSays("torn down");
    expect(await trace()).toBe("run\nterm\ntorn down\n");
  });
});
