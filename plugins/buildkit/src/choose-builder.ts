import { createHash } from "node:crypto";
import type { ImageSourceError } from "@molecule/core";
import { isImageSourceError, type Call } from "@molecule/core";
import type { BuildMachine } from "@molecule/template-build";
import { describeBuilder, type Builder } from "./builder-workers.js";
import type { BuildctlCommand } from "./buildctl-command.js";

/**
 * Returns the builder of a runtime: the first one that responds, in the runtime's order. Rejects with
 * `ENGINE_UNAVAILABLE` if none does.
 */
export async function chooseBuilder(
  buildctl: BuildctlCommand,
  runtime: string,
  call: Pick<Call, "signal" | "log">,
): Promise<Builder> {
  const failures: ImageSourceError[] = [];
  for (const address of orderFor(runtime, buildctl.addresses)) {
    try {
      return await describeBuilder(buildctl, address, call);
    } catch (error) {
      if (!isImageSourceError(error) || error.code !== "ENGINE_UNAVAILABLE") throw error;
      failures.push(error);
      if (buildctl.addresses.length > 1)
        call.log.warn("a BuildKit builder is down; trying the next one", {
          builder: buildctl.describe(address),
          error: error.message,
        });
    }
  }
  const [first, ...others] = failures;
  if (first === undefined || others.length === 0) throw first ?? new TypeError("there are no builders");
  throw first.with({
    message: `none of ${String(failures.length)} BuildKit builders can be reached; ${first.message}`,
  });
}

/** Returns the builder for a runtime, with its native platform if it lists one. Rejects like `chooseBuilder`. */
export async function chooseMachine(
  buildctl: BuildctlCommand,
  runtime: string,
  call: Pick<Call, "signal" | "log">,
): Promise<BuildMachine> {
  const { address, platforms } = await chooseBuilder(buildctl, runtime, call);
  return { address, platform: platforms[0] };
}

/**
 * Returns the addresses in the order for a runtime, the same on every host: its builder has its cache. When an address is
 * added or removed, only the runtimes of that address move (rendezvous hashing).
 */
export function orderFor<Address extends string | undefined>(
  runtime: string,
  addresses: readonly Address[],
): readonly Address[] {
  const rank = (address: Address): string =>
    createHash("sha256")
      .update(`${runtime}\n${address ?? ""}`)
      .digest("hex");
  return addresses
    .map((address) => ({ address, rank: rank(address) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .map(({ address }) => address);
}
