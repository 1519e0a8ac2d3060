import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Polls the arguments of every process on this machine. */
export interface ArgumentSampler {
  /** Every command line seen so far. */
  stop(): Promise<readonly string[]>;
}

// In a separate process, so that work in this one causes no gaps.
const program = `
const { execFileSync } = require("node:child_process");
const { existsSync, readdirSync, readFileSync } = require("node:fs");
const seen = new Set();
function look() {
  if (!existsSync("/proc/self/cmdline")) {
    for (const line of execFileSync("ps", ["-A", "-ww", "-o", "args"], { encoding: "utf8" }).split("\\n")) seen.add(line);
    return;
  }
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try { seen.add(readFileSync("/proc/" + name + "/cmdline", "latin1").replaceAll("\\0", " ")); } catch {}
  }
}
look();
console.log("ready");
const timer = setInterval(look, 5);
process.stdin.on("data", () => undefined).on("end", () => {
  clearInterval(timer);
  look();
  process.stdout.write(JSON.stringify([...seen]) + "\\n");
});`;

export async function startArgumentSampler(): Promise<ArgumentSampler> {
  const child = spawn(process.execPath, ["--eval", program], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done === true) throw new Error("the sampler has ended");
    return next.value;
  };
  await line();
  return {
    stop: async () => {
      child.stdin.end();
      return JSON.parse(await line()) as readonly string[];
    },
  };
}
