import type { Run, RunResult } from "@molecule/core";

/** A cosign that verifies nothing, and ends as the test wants. */
export interface FakeCosign {
  /** Runs it, as the service of a host. */
  readonly run: Run;
  readonly runs: readonly CosignRun[];
}

/** One run of the fake. */
export interface CosignRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Creates a fake cosign, for keyless signatures, which need Sigstore's servers, for systems without cosign, and for what
 * a real one prints in rare cases.
 * @param result where it differs from a success without output
 */
export function fakeCosign(result: Partial<RunResult> = {}): FakeCosign {
  const runs: CosignRun[] = [];
  return {
    runs,
    run: async (command, args, { env }) => {
      runs.push({ command, args, env });
      return { exitCode: 0, stdout: "", stderr: "", ended: "itself", ...result };
    },
  };
}

/** Returns the result of a cosign that prints these claims. */
export function printedClaims(...claims: readonly unknown[]): Partial<RunResult> {
  return { stdout: `\n${JSON.stringify(claims)}` };
}

/** Returns the claim of a signature, as `cosign verify` prints it. */
export function signatureClaim(repository: string, digest: string): object {
  return {
    critical: {
      identity: { "docker-reference": repository },
      image: { "docker-manifest-digest": digest },
      type: "cosign container image signature",
    },
    optional: null,
  };
}
