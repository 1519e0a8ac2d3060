import type { GitEnvironmentParts } from "./git-environment-parts.js";

/** All the configuration there is for git: nothing of the system's or the user's counts. */
export function gitConfiguration({
  remote: { url, authorization },
  proxy,
  certificates,
}: Omit<GitEnvironmentParts, "env" | "home">): readonly (readonly [key: string, value: string])[] {
  const { origin } = new URL(url);
  return [
    // Following one would carry the header to the other host, whatever origin its key names.
    ["http.followRedirects", "false"],
    ["credential.helper", ""],
    // Empty: none, whatever else would name one. Which hosts need none was decided before.
    ["http.proxy", proxy?.href ?? ""],
    ["http.proxyAuthMethod", "basic"],
    ...(certificates === undefined ? [] : [["http.proxySSLCAInfo", certificates] as const]),
    ["transfer.bundleURI", "false"],
    // Larger files are written piece by piece: one that is a bomb would be in memory as a whole.
    ["core.bigFileThreshold", "8m"],
    // Small packs, too, are stored as they come: taking them apart is slower, and shows no progress.
    ["fetch.unpackLimit", "1"],
    ["protocol.file.allow", "never"],
    ["submodule.recurse", "false"],
    ["fetch.recurseSubmodules", "false"],
    ["core.hooksPath", "/dev/null"],
    ["core.attributesFile", "/dev/null"],
    ["core.excludesFile", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["core.symlinks", "true"],
    ["core.autocrlf", "false"],
    ["core.eol", "lf"],
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
    ["advice.detachedHead", "false"],
    ["init.defaultBranch", "main"],
    ...(authorization === undefined
      ? []
      : [[`http.${origin}/.extraHeader`, `Authorization: ${authorization}`] as const]),
  ];
}
