import { fine, runChecks, type Call, type Clock, type Finding } from "@molecule/core";
import type { BuildahCommand } from "./buildah-command.js";

/** Checks that buildah exists and can use its storage. */
export function diagnoseBuildah(
  buildah: BuildahCommand,
  clock: Clock,
  { signal }: Call,
): Promise<readonly Finding[]> {
  const run = async (within: AbortSignal): Promise<ReturnType<typeof fine>> => {
    const version = (await buildah.read(["--version"], { signal: within })).trim();
    const { store } = JSON.parse(await buildah.read(["info"], { signal: within })) as {
      readonly store?: { readonly GraphRoot?: string };
    };
    return fine(`${version}, storage in ${store?.GraphRoot ?? "an unknown directory"}`);
  };
  return runChecks([{ id: "buildah", run }], { signal, clock });
}
