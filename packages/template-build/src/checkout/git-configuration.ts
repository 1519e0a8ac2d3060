import type { GitEnvironmentParts } from "./git-environment-parts.js";

/** The complete configuration of git: it reads neither the system's nor the user's. */
export function gitConfiguration({
  remote: { url, authorization },
  proxy,
  certificates,
}: Omit<GitEnvironmentParts, "env" | "home">): readonly (readonly [key: string, value: string])[] {
  const { origin } = new URL(url);
  return [
    // git would send the header to the target of a redirect, whatever origin the header's key names.
    ["http.followRedirects", "false"],
    ["credential.helper", ""],
    // An empty value disables every other proxy setting. Whether this host needs a proxy has been decided already.
    ["http.proxy", proxy?.href ?? ""],
    ["http.proxyAuthMethod", "basic"],
    ...(certificates === undefined ? [] : [["http.proxySSLCAInfo", certificates] as const]),
    ["transfer.bundleURI", "false"],
    // Larger files are streamed, so that a decompression bomb is never in memory as a whole.
    ["core.bigFileThreshold", "8m"],
    // Even small packs are stored as they arrive: unpacking is slower and reports no progress.
    ["fetch.unpackLimit", "1"],
    // Everything that git writes can be fetched again, and is verified when it is read (docs/adr/0099 and 0116).
    ["core.fsync", "none"],
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
    ["init.defaultRefFormat", "files"],
    ...(authorization === undefined
      ? []
      : [[`http.${origin}/.extraHeader`, `Authorization: ${authorization}`] as const]),
  ];
}
