import {
  createSingleFlight,
  ImageSourceError,
  type Call,
  type RunOptions,
  type RunResult,
  type SourceServices,
} from "@molecule/core";
import { buildctlEnvironment } from "./buildctl-environment.js";
import { builderUnavailable, hidesReason } from "./builder-unavailable.js";
import type { BuildkitOptions } from "./buildkit-options.js";
import { assertTlsFiles } from "./tls-files.js";

/** Runs buildctl with a minimal environment. */
export interface BuildctlCommand {
  /** The builders' addresses; undefined is buildctl's default. */
  readonly addresses: readonly (string | undefined)[];
  /**
   * Resolves whatever the exit code. Rejects with `TOOL_MISSING`, with `ENGINE_UNAVAILABLE` if something else killed it,
   * and with the signal's reason.
   * @param address undefined selects buildctl's default
   */
  run(
    address: string | undefined,
    args: readonly string[],
    call: Pick<Call, "signal">,
    options?: BuildctlRunOptions,
  ): Promise<RunResult>;
  /** Rejects with `CONFIG_INVALID` if buildctl could not use the files for TLS. */
  assertReady(): Promise<void>;
  /**
   * Returns the output. Concurrent callers with the same arguments share one buildctl. Rejects like `assertReady`, and with
   * `ENGINE_UNAVAILABLE` if buildctl fails or takes ten seconds.
   */
  read(address: string | undefined, args: readonly string[], call: Pick<Call, "signal">): Promise<string>;
  /** Describes a builder for people: its address, or where buildctl looks by default. */
  describe(address: string | undefined): string;
}

export type BuildctlRunOptions = Pick<
  RunOptions,
  "onLine" | "drained" | "keepOutput" | "cwd" | "timeoutMs"
> & {
  /** Variables in addition to those of every call. */
  readonly moreEnv?: Readonly<Record<string, string>>;
};

/** How long a builder may take to describe itself: with `kube-pod://`, kubectl starts first. */
const responseMs = 10_000;
/** How many times buildctl is run until it reports why a program that connects to a builder has ended. */
const maxAttempts = 5;

/** buildctl cancels the build on the server when it gets SIGTERM. Its children (kubectl, docker) carry that message. */
const ending = { asksLeader: true, graceMs: 10_000 };

export function buildctlCommand(
  { env, run: start }: Pick<SourceServices, "env" | "run">,
  { addr, tls = {} }: Pick<BuildkitOptions, "addr" | "tls">,
): BuildctlCommand {
  const environment = buildctlEnvironment(env);
  const describe = (address: string | undefined): string =>
    address ?? environment["BUILDKIT_HOST"] ?? "its default address";
  const flags = (address: string | undefined): readonly string[] => [
    ...(address === undefined ? [] : [`--addr=${address}`]),
    ...(tls.ca === undefined ? [] : [`--tlscacert=${tls.ca}`]),
    ...(tls.cert === undefined ? [] : [`--tlscert=${tls.cert}`]),
    ...(tls.key === undefined ? [] : [`--tlskey=${tls.key}`]),
    ...(tls.serverName === undefined ? [] : [`--tlsservername=${tls.serverName}`]),
  ];
  const run: BuildctlCommand["run"] = async (address, args, { signal }, { moreEnv, ...options } = {}) => {
    signal.throwIfAborted();
    const result = await start("buildctl", [...flags(address), ...args], {
      env: { ...environment, ...moreEnv },
      signal,
      ...ending,
      ...options,
    });
    if (result.ended === "not-found") throw toolMissing();
    signal.throwIfAborted();
    if (result.exitCode === null && result.ended === "itself") throw killed();
    return result;
  };
  const readAlone: BuildctlCommand["read"] = async (address, args, call) => {
    // For `doctor`; before a build, they have already been checked.
    await assertTlsFiles(tls);
    for (let attempt = 1; ; attempt++) {
      const { exitCode, ended, stdout, stderr } = await run(address, args, call, { timeoutMs: responseMs });
      if (exitCode === 0 && ended === "itself") return stdout;
      const why =
        ended === "timed-out" ? `no response for ${String(responseMs / 1000)} s` : lastError(stderr);
      // The next attempt may notice the reason first.
      if (attempt === maxAttempts || !hidesReason(why)) throw builderUnavailable(describe(address), why, tls);
    }
  };
  const reads = createSingleFlight<string>();
  return {
    addresses: addr === undefined || typeof addr === "string" ? [addr] : addr,
    describe,
    run,
    assertReady: () => assertTlsFiles(tls),
    read: (address, args, { signal }) =>
      reads.run(JSON.stringify([address, args]), { signal }, (shared) =>
        readAlone(address, args, { signal: shared }),
      ),
  };
}

/** Returns the error in buildctl's output, without the prefix `error: `; the last line if there is none. */
export function lastError(text: string): string {
  const lines = text.trim().split(/\r?\n/);
  const from = lines.findLastIndex((line) => line.startsWith("error: "));
  return lines
    .slice(from)
    .join("\n")
    .replace(/^error: /, "");
}

function toolMissing(): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: "buildctl is not in PATH",
    hint: "Install buildctl from a release of moby/buildkit, or choose another source for local mode.",
  });
}

function killed(): ImageSourceError {
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: "buildctl was killed",
    hint: "Check the kernel's log (`dmesg`); usually the machine ran out of memory. Then retry.",
  });
}
