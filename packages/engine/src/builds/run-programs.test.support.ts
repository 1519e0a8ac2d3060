import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Run } from "@molecule/core";

/** Runs the real programs of one directory. Ignores timeouts and output limits, which the host's own tests cover. */
export const runFrom =
  (directory: string): Run =>
  (command, args, { env, input = "" }) =>
    new Promise((resolve, reject) => {
      const child = spawn(join(directory, command), args, { env: { PATH: "/usr/bin:/bin", ...env } });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.once("error", reject);
      child.once("close", (exitCode) => {
        resolve({ exitCode, stdout, stderr: "", ended: "itself" });
      });
      child.stdin.end(input);
    });
