import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "@jest/globals";

const module = JSON.stringify(new URL("../../dist/run/suspension.js", import.meta.url).href);

describe("a process that notices Ctrl-Z", () => {
  let job: ChildProcess | undefined;
  afterEach(() => {
    send("SIGKILL");
    job = undefined;
  });

  /** Sends the signal to the whole group, as a terminal does. */
  function send(signal: NodeJS.Signals): void {
    if (job?.pid !== undefined && job.exitCode === null) process.kill(-job.pid, signal);
  }

  /** Returns whether the process itself is stopped. Only then does a shell continue its group. */
  function isStopped(): boolean {
    const stat = readFileSync(`/proc/${String(job?.pid)}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  }

  async function stopped(): Promise<void> {
    while (!isStopped()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /**
   * Runs the script as a shell runs a job: in a process group of its own, but not in a session of its own, where the
   * system ignores Ctrl-Z. Returns a function that resolves to the next line that the script prints.
   */
  function startJob(script: string): () => Promise<unknown> {
    const words = ["-e", "setpgrp(0, 0); exec @ARGV", process.execPath, "--input-type=module", "-e", script];
    job = spawn("/usr/bin/perl", words, { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: job.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    return async () => (await lines.next()).value as unknown;
  }

  test("calls its listener before it stops and after it continues", async () => {
    const next = startJob(`
      const { onSuspension } = await import(${module});
      onSuspension({
        onStop: () => console.log("stops"),
        onContinue: (wasNoticed) => console.log("continues " + wasNoticed),
      });
      setInterval(() => {}, 1000);
      console.log("ready");`);
    expect(await next()).toBe("ready");
    send("SIGTSTP");
    expect(await next()).toBe("stops");
    await stopped();
    send("SIGCONT");
    expect(await next()).toBe("continues true");
    send("SIGSTOP");
    await stopped();
    send("SIGCONT");
    expect(await next()).toBe("continues false");
  });

  test.each([
    ["detached", 'const child = spawn("/bin/true", { detached: true });'],
    ["in its group", 'const started = startingInGroup(); const child = spawn("/bin/true"); started();'],
  ])(
    "is not blocked by a program that it starts %s",
    async (_how, start) => {
      const next = startJob(`
        const { spawn } = await import("node:child_process");
        const { once } = await import("node:events");
        const { onSuspension, startingInGroup } = await import(${module});
        onSuspension({ onStop: () => {}, onContinue: () => {} });
        console.log("ready");
        for (let count = 0; count < 500; count += 1) {
          ${start}
          await once(child, "exit");
        }
        console.log("finished");
        process.exit();`);
      expect(await next()).toBe("ready");
      const timer = setInterval(() => {
        if (job?.exitCode === null) send(isStopped() ? "SIGCONT" : "SIGTSTP");
      }, 3);
      try {
        expect(await next()).toBe("finished");
      } finally {
        clearInterval(timer);
      }
    },
    60_000,
  );
});
