import type { Observer } from "@molecule/core";
import {
  createLog,
  openHost,
  type ClosableLog,
  type Host,
  type HostOptions,
  type ShippedPlugins,
} from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import { pathFromHere } from "./path-from-here.js";
import { templateFlags } from "./template-flags.js";
import type { Terminal } from "../terminal/terminal.js";

/** The shipped sources. The bundle evaluates each one only on demand. */
export const shipped: ShippedPlugins = {
  "registry-pull": () => import("@molecule/source-registry-pull"),
  "gitea-local-build": () => import("@molecule/source-gitea-local-build"),
  podman: () => import("@molecule/source-podman"),
  buildah: () => import("@molecule/source-buildah"),
  buildkit: () => import("@molecule/source-buildkit"),
};

/** The arguments of a command's host in addition to its options. */
export interface CommandRequest {
  /** The runtimes that the command requests, if any. */
  readonly runtimes?: readonly string[];
  readonly observer?: Observer | undefined;
}

/**
 * Opens the host of this command, which logs to stderr. With `--trace`, the file is created before anything else and
 * completed when the host closes.
 */
export async function openCommandHost(
  options: CommonOptions,
  terminal: Terminal,
  request: CommandRequest = {},
): Promise<Host> {
  if (options.trace === undefined) return openLoggingHost(options, terminal, request);
  // Imported lazily: few calls need it.
  const { openTracedHost } = await import("../trace/open-traced-host.js");
  const open = (observer: Observer): Promise<Host> =>
    openLoggingHost(options, terminal, { ...request, observer });
  return openTracedHost(pathFromHere(options.trace, terminal), terminal.mask, request.observer, open);
}

async function openLoggingHost(
  options: CommonOptions,
  terminal: Terminal,
  { runtimes, observer }: CommandRequest,
): Promise<Host> {
  const { logger, ...hostOptions } = commandHostOptions(options, terminal, runtimes);
  const host = await openHost({ ...hostOptions, logger, observer });
  return {
    ...host,
    close: async () => {
      await host.close();
      await logger.close();
    },
  };
}

/** Returns the host options for a command. The caller must close the logger. */
export function commandHostOptions(
  options: CommonOptions,
  terminal: Terminal,
  runtimes: readonly string[] = [],
): HostOptions & { readonly logger: ClosableLog } {
  const { mask } = terminal;
  const templates = templateFlags(options.template ?? [], runtimes, terminal);
  const logger = createLog({
    level: options.logLevel ?? (options.quiet === true ? "error" : "warn"),
    format: options.logFormat ?? (options.json === true ? "json" : "text"),
    write: (line) => {
      terminal.stderr.write(line);
    },
    mask,
  });
  return {
    cwd: pathFromHere(options.cwd ?? ".", terminal),
    env: terminal.env,
    shipped,
    config: options.config === undefined ? undefined : pathFromHere(options.config, terminal),
    flags: { platform: options.platform, templates },
    logger,
    mask,
  };
}
