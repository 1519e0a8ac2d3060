import {
  fine,
  ImageSourceError,
  runChecks,
  type Call,
  type Finding,
  type SourceServices,
} from "@molecule/core";
import { cosignCommand } from "./cosign-command.js";
import { readPolicy } from "./signature-policy.js";
import type { ConfiguredPolicy } from "./verify-option.js";

/** Checks that cosign runs, and that the policy can be read. Contacts nothing. */
export function diagnoseVerification(
  configured: ConfiguredPolicy,
  services: Pick<SourceServices, "env" | "run" | "clock">,
  { signal }: Pick<Call, "signal">,
): Promise<readonly Finding[]> {
  const cosign = cosignCommand(configured.option, services);
  return runChecks(
    [
      {
        id: "cosign",
        run: async (within) => {
          const output = await cosign.read(["version"], { signal: within }, ({ text }) => cannotRun(text));
          const [, version = "of an unknown version"] = /^GitVersion:\s*(\S+)/m.exec(output) ?? [];
          return fine(version === "devel" ? "is installed" : version);
        },
      },
      {
        id: "verify",
        run: async () =>
          fine(`${configured.option} requires a signature by ${(await readPolicy(configured)).signer}`),
      },
    ],
    { signal, clock: services.clock },
  );
}

function cannotRun(why: string): ImageSourceError {
  return new ImageSourceError({
    code: "TOOL_MISSING",
    message: `cosign cannot be run: ${why}`,
    hint: "Run `cosign version` as this user, and reinstall cosign if it fails.",
  });
}
