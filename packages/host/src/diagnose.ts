import type { Finding } from "@molecule/core";
import type { DiagnoseOptions, HostOptions } from "./contract/host.js";

/**
 * Like {@link Host.diagnose}, but an invalid configuration is a finding. The remaining checks then run without the
 * project file, or with only the defaults and variables.
 */
export async function diagnose(
  options: HostOptions,
  caller: DiagnoseOptions = {},
): Promise<readonly Finding[]> {
  // Loaded late, as openHost does.
  const { diagnoseEnvironment } = await import("./diagnose-environment.js");
  return diagnoseEnvironment(options, caller);
}
