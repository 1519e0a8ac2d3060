import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { basename } from "node:path";
import type { Mask } from "@molecule/core";
import type { Timeline } from "./timeline.js";

/** Shows each program that this process starts, such as git. Returns a function that stops it. */
export function tracePrograms(timeline: Timeline, mask: Mask): () => void {
  const onProgram = (message: unknown): void => {
    const { process: program } = message as { readonly process: ChildProcess };
    // Published before the program is known.
    program.once("spawn", () => {
      const command = mask.text(program.spawnargs.join(" "));
      const slice = timeline.begin("programs", mask.text(nameOf(program.spawnargs)), { command });
      program.once("exit", (status, signal) => {
        slice.end({ status: status ?? signal });
      });
    });
  };
  subscribe("child_process", onProgram);
  return () => {
    unsubscribe("child_process", onProgram);
  };
}

/** The program and its subcommand, such as `git fetch`, without the `setsid` that starts it in a group of its own. */
function nameOf(spawnargs: readonly string[]): string {
  const [file = "", ...args] = spawnargs.filter((arg, index) => index > 0 || basename(arg) !== "setsid");
  const subcommand = args.find((arg) => /^[a-z][a-z-]*$/.test(arg));
  return subcommand === undefined ? basename(file) : `${basename(file)} ${subcommand}`;
}
