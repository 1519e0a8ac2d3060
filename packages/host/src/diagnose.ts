import { isImageSourceError, type Finding, type ImageSourceError } from "@molecule/core";
import type { DiagnoseOptions, Host, HostOptions } from "./contract/host.js";
import { loadSettings } from "./config/load-settings.js";
import { settingsRequest } from "./open-host.js";
import { openWithSettings } from "./open-with-settings.js";

/**
 * Like {@link Host.diagnose}, but an invalid configuration is a finding. The remaining checks then run without the
 * project file, or with only the defaults and variables.
 */
export async function diagnose(
  options: HostOptions,
  caller: DiagnoseOptions = {},
): Promise<readonly Finding[]> {
  const problems: ImageSourceError[] = [];
  const host = await openSomehow(options, problems);
  try {
    return await host.diagnose(caller, problems);
  } finally {
    await host.close();
  }
}

async function openSomehow(options: HostOptions, problems: ImageSourceError[]): Promise<Host> {
  for (const files of ["all", "user"] as const) {
    try {
      return await openWithSettings(options, await loadSettings({ ...settingsRequest(options), files }));
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      // Loading fewer files can report the same problem twice.
      if (!problems.some(({ message }) => message === error.message)) problems.push(error);
    }
  }
  return openWithSettings(options, await loadSettings({ ...settingsRequest(options), files: "none" }));
}
