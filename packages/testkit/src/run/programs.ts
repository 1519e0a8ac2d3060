import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ImageSourceError } from "@molecule/core";

/** Where to look for programs. Daemons live in sbin, which a user's PATH often lacks. */
export function programPath(): string {
  const system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return [
    ...(process.env.PATH ?? "").split(delimiter).filter((place) => place.startsWith("/")),
    ...system,
  ].join(delimiter);
}

/** Returns the absolute path of the program. Rejects with `TOOL_MISSING`, naming the Debian package. */
export async function findProgram(name: string, debianPackage: string): Promise<string> {
  for (const place of programPath().split(delimiter)) {
    const candidate = join(place, name);
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  throw new ImageSourceError({
    code: "TOOL_MISSING",
    message: `${name} is not in PATH`,
    hint: `Install it: apt-get install ${debianPackage}`,
  });
}

export interface ProgramOptions {
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: Buffer;
}

/** Runs a program to completion and returns its output. Rejects with its stderr if its exit status is not 0. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env, cwd: options.cwd, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A program that exits before it has read all its input reports the reason in its exit status.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input);
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0) {
        resolve(Buffer.concat(stdout).toString("utf8"));
        return;
      }
      const said = Buffer.concat(stderr).toString("utf8").trim();
      reject(new Error(`${file} ${args.join(" ")} ended with ${String(status ?? signal)}: ${said}`));
    });
  });
}
