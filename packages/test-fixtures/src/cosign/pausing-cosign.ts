import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "@molecule/testkit/internal";

/** The real cosign, which waits before it exits. */
export interface PausingCosign {
  /** A `PATH` that starts with its directory. */
  readonly path: string;
  /** Resolves when it has done its work and is waiting. Rejects if the call that should run it ends first. */
  untilDone(call: Promise<unknown>): Promise<void>;
  /** Lets it exit. */
  resume(): Promise<void>;
}

/** Creates a pausing cosign in a new directory. */
export async function pausingCosign(directory: string): Promise<PausingCosign> {
  await mkdir(directory);
  const [done, go] = [join(directory, "done"), join(directory, "go")];
  const script = [
    "#!/bin/sh",
    `'${await findProgram("cosign", "cosign")}' "$@"`,
    "status=$?",
    `touch '${done}'`,
    `while [ ! -e '${go}' ]; do sleep 0.05; done`,
    "exit $status",
  ];
  await writeFile(join(directory, "cosign"), `${script.join("\n")}\n`, { mode: 0o755 });
  return {
    path: [directory, process.env.PATH].join(delimiter),
    async untilDone(call) {
      const over = call.then(
        () => true,
        () => true,
      );
      while (!existsSync(done))
        if (await Promise.race([over, sleep(20, false)])) throw new Error("cosign was not run");
    },
    resume: () => writeFile(go, ""),
  };
}
