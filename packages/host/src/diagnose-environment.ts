import { isImageSourceError, type Finding, type ImageSourceError } from "@molecule/core";
import type { DiagnoseOptions, Host, HostOptions } from "./contract/host.js";
import { readSettings } from "./config/read-settings.js";
import { settingsRequest } from "./open-configured-host.js";
import { openWithSettings } from "./open-with-settings.js";

/** As `diagnose`. */
export async function diagnoseEnvironment(
  options: HostOptions,
  caller: DiagnoseOptions,
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
      return await openWithSettings(
        options,
        await readSettings({ ...settingsRequest(options), files }),
        "report",
      );
    } catch (error) {
      if (!isImageSourceError(error)) throw error;
      // Loading fewer files can report the same problem twice.
      if (!problems.some(({ message }) => message === error.message)) problems.push(error);
    }
  }
  return openWithSettings(
    options,
    await readSettings({ ...settingsRequest(options), files: "none" }),
    "report",
  );
}
