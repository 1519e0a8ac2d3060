import { parseDuration, watchImages, type EnsuredImage } from "@molecule/core";
import type { Host } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import type { Outcome } from "../options/each-runtime.js";
import { exitStatus } from "../options/exit-status.js";
import { openCommandHost } from "../host/open-command-host.js";
import type { ServedMetrics } from "../metrics/serve-metrics.js";
import { parseListenAddress } from "../options/listen-address.js";
import { printError, printJson, printLine } from "../terminal/print.js";
import { printCancelled } from "../terminal/print-cancelled.js";
import { showElapsed } from "../progress/show-elapsed.js";
import { passingDisplay } from "../progress/passing-display.js";
import type { Terminal } from "../terminal/terminal.js";
import { usage } from "../options/usage.js";

export interface WatchCommandOptions extends CommonOptions {
  readonly every?: string;
  readonly metrics?: string;
}

/** Builds images of new commits in advance until a signal arrives, and prints a line for each. */
export async function watchCommand(
  runtimes: string[],
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const everyMs = interval(options.every ?? "5m");
  const metrics = await metricsAt(options.metrics);
  try {
    const host = await openCommandHost(options, terminal, metrics?.observer);
    try {
      if (metrics !== undefined) host.log.info("serving metrics", { url: metrics.url });
      return await watch(host, runtimes, everyMs, options, terminal);
    } finally {
      await host.close();
    }
  } finally {
    await metrics?.close();
  }
}

async function metricsAt(written: string | undefined): Promise<ServedMetrics | undefined> {
  if (written === undefined) return undefined;
  const address = parseListenAddress("--metrics", written);
  // Imported lazily: with the SDK, it is larger than most of the command.
  const { serveMetrics } = await import("../metrics/serve-metrics.js");
  return serveMetrics(address);
}

async function watch(
  host: Host,
  runtimes: string[],
  everyMs: number,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  await warnOfPolicies(host, runtimes);
  const images = await host.createProvider();
  const display = passingDisplay(images, options, terminal);
  // Outcomes are printed in order, even while a display is opening.
  let reports = Promise.resolve();
  const report = (outcome: Watched): void => {
    const time = new Date().toISOString();
    reports = reports.then(() =>
      display.aside(() => {
        print(time, outcome, options, terminal);
      }),
    );
  };
  const unwatch = terminal.watchReader();
  try {
    const { ensure } = display;
    await watchImages({ plan: (...call) => images.plan(...call), ensure }, runtimes, {
      everyMs,
      signal: terminal.signal,
      onImage: (runtime, image) => {
        report({ runtime, ok: true, image });
      },
      onError: (runtime, error, retryInMs) => {
        report({ runtime, ok: false, error, retryInMs });
      },
    });
  } finally {
    unwatch();
    // Cancelled work must clean up before the process ends.
    await images.close();
    await reports;
  }
  if (options.json !== true) printCancelled(terminal);
  return exitStatus(["CANCELLED"], terminal);
}

type Watched =
  | Extract<Outcome<EnsuredImage>, { ok: true }>
  | (Extract<Outcome<EnsuredImage>, { ok: false }> & { readonly retryInMs: number });

const shortestMs = 1000;

function interval(written: string): number {
  try {
    const milliseconds = parseDuration(written);
    if (milliseconds >= shortestMs) return milliseconds;
  } catch {
    // Reported below as `USAGE`: the flag is wrong, not the configuration.
  }
  throw usage(
    `--every ${JSON.stringify(written)} is not a duration of at least one second`,
    "Write a whole number and a unit: 30s, 5m or 1h.",
  );
}

/** Policies that never check the registry for a newer image. */
const idlePolicies: readonly unknown[] = ["missing", "never"];

async function warnOfPolicies(host: Host, runtimes: readonly string[]): Promise<void> {
  const { selection, log } = host;
  if (selection.mode !== "registry") return;
  const all = new Map((await host.values()).map(({ path, value }) => [path, value]));
  const key = `options.${selection.source}.pullPolicy`;
  const policyOf = (runtime: string): unknown =>
    all.get(`${key}.${runtime}`) ?? all.get(`${key}.default`) ?? all.get(key) ?? "missing";
  const idle = runtimes.filter((runtime) => idlePolicies.includes(policyOf(runtime)));
  if (idle.length === 0) return;
  log.warn("pullPolicy does not check for newer images, so watch will not pull updates", {
    runtimes: idle,
    key,
    hint: "set it to always, or to every_ followed by a duration",
  });
}

function print(time: string, outcome: Watched, { json }: CommonOptions, { stdout, stderr }: Terminal): void {
  if (json === true) printJson(stdout, { time, ...outcome });
  else if (outcome.ok)
    printLine(stdout, `${outcome.runtime} ${outcome.image.reference} ${outcome.image.imageId}`);
  else {
    printError(stderr, outcome.error, outcome.runtime);
    printLine(stderr, `  retry in ${showElapsed(outcome.retryInMs)}`);
  }
}
