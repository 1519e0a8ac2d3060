import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import { platform } from "node:os";
import { startingInGroup } from "./suspension.js";
import { ownPid } from "./this-process.js";

/*
 * An identity is the process ID; three hashes of where that ID is valid: the machine, its boot, and the PID
 * namespace; and a hash of the start time, because process IDs are reused.
 */

const grammar = /^(\d{1,10})-([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{8})-[0-9a-f]{8}$/;
/** The hash of a machine without an ID, as in most containers. */
const nameless = "00000000";

let own: Promise<string> | undefined;

/** Returns the identity of this process: digits, letters and dashes. */
export async function ownProcess(): Promise<string> {
  own ??= identityOf(ownPid);
  return own;
}

/**
 * Returns the state of a process: `gone` also if this machine has rebooted since; `unknown` if it is on another
 * machine or in another container, or if the text is not an identity.
 */
export async function processState(identity: string): Promise<"running" | "gone" | "unknown"> {
  const [, pid, machine, run, space] = grammar.exec(identity) ?? [];
  if (pid === undefined) return "unknown";
  const here = await ownPlace();
  if (machine !== here.machine) return "unknown";
  if (run !== here.run) return machine === nameless ? "unknown" : "gone";
  if (space !== here.space) return "unknown";
  return identity === (await identityOf(Number(pid))) ? "running" : "gone";
}

async function identityOf(pid: number): Promise<string> {
  const [{ machine, run, space }, started] = await Promise.all([ownPlace(), startOf(pid)]);
  return [String(pid), machine + run + space, hash(started ?? "")].join("-");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Returns undefined if the process does not exist. */
async function startOf(pid: number): Promise<string | undefined> {
  if (platform() !== "linux") {
    const started = await printed("/bin/ps", ["-o", "lstart=", "-p", String(pid)]);
    return started === "" ? undefined : started;
  }
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    // The second field is the program's name, which may contain blanks and brackets: proc(5).
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

interface Place {
  readonly machine: string;
  readonly run: string;
  readonly space: string;
}

let place: Promise<Place> | undefined;

function ownPlace(): Promise<Place> {
  place ??= findPlace();
  return place;
}

async function findPlace(): Promise<Place> {
  const isLinux = platform() === "linux";
  const [machine, run, space] = await (isLinux
    ? Promise.all([
        readFile("/etc/machine-id", "utf8").catch(() => ""),
        readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
        readlink("/proc/self/ns/pid").catch(() => ""),
      ])
    : Promise.all([
        printed("/usr/sbin/sysctl", ["-n", "kern.uuid"]),
        printed("/usr/sbin/sysctl", ["-n", "kern.bootsessionuuid"]),
        Promise.resolve(""),
      ]));
  return {
    // 32 digits; `uninitialized` while a system image is being created.
    machine: machine.trim().length < 32 ? nameless : hash(machine.trim()),
    run: hash(run),
    space: hash(space),
  };
}

/** Returns the output of a program; empty if it fails. */
async function printed(program: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import("node:child_process");
  const started = startingInGroup();
  return new Promise<string>((resolve) => {
    execFile(program, args, { env: { LC_ALL: "C" }, timeout: 5_000 }, (_error, stdout) => {
      resolve(stdout.trim());
    });
  }).finally(started);
}
