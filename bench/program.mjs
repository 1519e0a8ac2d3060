// Programs that are measured as whole processes.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const searched = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];

/** Every location of the program in PATH. */
export const placesOf = (name) =>
  searched.map((directory) => join(directory, name)).filter((path) => existsSync(path));

/** Runs a program to completion and returns its output. Rejects with its stderr if it fails. */
export function run(file, args, { env, cwd, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, signal, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (status, killed) => {
      if (status === 0) resolve(stdout);
      else
        reject(new Error(`${file} ${args.join(" ")} ended with ${status ?? killed}:\n${stderr || stdout}`));
    });
  });
}
