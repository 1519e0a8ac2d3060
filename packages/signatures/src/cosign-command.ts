import { delimiter, isAbsolute } from "node:path";
import {
  classifyRegistryText,
  ImageSourceError,
  type EngineCall,
  type ErrorFacts,
  type Env,
  type RunResult,
  type SourceServices,
} from "@molecule/core";

/** Runs `cosign`. */
export interface CosignCommand {
  /** Returns the standard output, and rejects with what `failed` returns for any exit status but 0. */
  read(
    args: readonly string[],
    call: EngineCall,
    failed: (failure: CosignFailure) => ImageSourceError,
  ): Promise<string>;
}

/** How cosign failed. */
export interface CosignFailure {
  /** The last line of its error output. */
  readonly text: string;
  readonly exitCode: number | null;
  readonly ended: RunResult["ended"];
}

const timeoutMs = 120_000;
const maxOutputBytes = 8 * 1024 * 1024;
/** The exit statuses for an image without a signature, or without one that matches. */
const unsigned: readonly (number | null)[] = [10, 12, 13];

/**
 * Creates a runner of cosign. Starts nothing before the first call.
 * @param option the option that needs cosign, for the error if it is missing
 */
export function cosignCommand(
  option: string,
  { env, run }: Pick<SourceServices, "env" | "run">,
): CosignCommand {
  const environment = cosignEnvironment(env);
  return {
    async read(args, { signal }, failed) {
      const result = await run("cosign", args, {
        env: environment,
        timeoutMs,
        maxOutputBytes,
        ...(signal === undefined ? {} : { signal }),
      });
      signal?.throwIfAborted();
      if (result.ended === "not-found") throw toolMissing(option);
      if (result.ended === "itself" && result.exitCode === 0) return result.stdout;
      const { ended, exitCode } = result;
      throw failed({ text: reasonOf(result), exitCode, ended });
    },
  };
}

/**
 * Returns the error of a registry that could not be asked, or of a trust root that could not be fetched; undefined if
 * cosign failed for another reason. Measured on 2.5.0 and 3.1.1, which use the exit status 1 for these:
 * `Get "https://r/v2/": dial tcp …: connect: connection refused`, `GET https://r/v2/…: UNAUTHORIZED: authentication
 * required; …`, `GET …: unexpected status code 503 Service Unavailable`.
 */
export function registryFailure(
  reference: string,
  { text, exitCode, ended }: CosignFailure,
): ImageSourceError | undefined {
  const failure = (facts: Pick<ErrorFacts, "code" | "hint" | "transient">): ImageSourceError =>
    new ImageSourceError({ message: `cosign cannot read the signatures of ${reference}: ${text}`, ...facts });
  if (ended === "timed-out") return failure({ code: "SOURCE_UNREACHABLE", hint: checkServers });
  const trouble = unsigned.includes(exitCode) ? undefined : classifyRegistryText(text, "transfer");
  if (trouble?.code === "SOURCE_DENIED") return failure({ code: trouble.code, hint: trouble.hint });
  if (trouble?.code !== "SOURCE_UNREACHABLE") return undefined;
  return failure({ code: trouble.code, hint: checkServers, transient: trouble.passes && {} });
}

const checkServers =
  "Check that this machine reaches the registry and, for a policy without a key, the servers of Sigstore.";

/** cosign runs credential helpers, which may need any variable to find their vault. */
function cosignEnvironment(env: Env): Record<string, string> {
  const passed = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith("MOLECULE_") ? [] : [[name, value]],
  );
  const path = (env["PATH"] ?? "").split(delimiter).filter((entry) => isAbsolute(entry));
  return { ...Object.fromEntries(passed), PATH: path.join(delimiter), LC_ALL: "C" };
}

function reasonOf({ ended, exitCode, stderr }: RunResult): string {
  if (ended === "timed-out") return `no result within ${String(timeoutMs / 1000)} s`;
  if (ended === "too-much-output") return `more than ${String(maxOutputBytes)} bytes of output`;
  const lines = stderr.trim().split(/\r?\n/);
  const error = lines.findLast((line) => line.startsWith("Error: ")) ?? lines.at(-1) ?? "";
  const text = error.replace(/^Error: /, "").slice(0, 400);
  return text === "" ? `exit status ${String(exitCode)}` : text;
}

function toolMissing(option: string): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: `cosign is not in PATH, and ${option} needs it`,
    hint: "Install cosign 2.5 or newer (Debian 13: `apt-get install cosign`).",
  });
}
