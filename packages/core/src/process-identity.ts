import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { platform } from "node:os";
import { ownPid } from "./this-process.js";

/*
 * Which process: its number, a hash of the run of the system and the space of process numbers that this number is of,
 * and a hash of when it began. The number alone is given to another process sooner or later.
 */

const grammar = /^(\d{1,10})-([0-9a-f]{8})-[0-9a-f]{8}$/;

let own: Promise<string> | undefined;

/** The identity of this process: digits, letters and dashes. */
export async function ownProcess(): Promise<string> {
  own ??= identityOf(ownPid);
  return own;
}

/**
 * What is known of a process: `unknown` when it is of another run of the system, machine or container, or when the text
 * is no identity.
 */
export async function processState(identity: string): Promise<"running" | "gone" | "unknown"> {
  const [, pid, space] = grammar.exec(identity) ?? [];
  if (pid === undefined || space !== (await ownSpace())) return "unknown";
  return identity === (await identityOf(Number(pid))) ? "running" : "gone";
}

async function identityOf(pid: number): Promise<string> {
  const [space, started] = await Promise.all([ownSpace(), startOf(pid)]);
  return [String(pid), space, hash(started ?? "")].join("-");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Undefined when there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (platform() !== "linux") {
    const started = await printed("/bin/ps", ["-o", "lstart=", "-p", String(pid)]);
    return started === "" ? undefined : started;
  }
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    // The second field is the program's name, which may hold blanks and brackets: proc(5).
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

async function ownSpace(): Promise<string> {
  if (platform() !== "linux") return hash(await printed("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"]));
  const [boot, space] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return hash(boot + space);
}

/** What a program prints; nothing when it fails. */
async function printed(program: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import("node:child_process");
  return new Promise((resolve) => {
    execFile(program, args, { env: { LC_ALL: "C" }, timeout: 5_000 }, (_error, stdout) => {
      resolve(stdout.trim());
    });
  });
}
