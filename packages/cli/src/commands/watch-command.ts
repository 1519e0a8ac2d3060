import { parseDuration, watchImages, type EnsuredImage } from "@molecule/core";
import type { Host } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import type { Outcome } from "../options/each-runtime.js";
import { exitStatus } from "../options/exit-status.js";
import { openCommandHost } from "../host/open-command-host.js";
import type { ServedMetrics } from "../servers/serve-metrics.js";
import {
  serveWebhook,
  webhookSecret,
  type ServedWebhook,
  type WebhookRequest,
} from "../servers/serve-webhook.js";
import { watchHealth, type WatchHealth } from "../servers/watch-health.js";
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
  readonly webhook?: string;
}

/** Builds images of new commits in advance until a signal arrives, and prints a line for each. */
export async function watchCommand(
  runtimes: string[],
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const everyMs = interval(options.every ?? (options.webhook === undefined ? "5m" : "30m"));
  const health = watchHealth(runtimes);
  const webhook =
    options.webhook === undefined
      ? undefined
      : {
          address: parseListenAddress("--webhook", options.webhook, 8088),
          secret: webhookSecret(terminal.env),
        };
  const metrics = await metricsAt(options.metrics, health);
  try {
    const host = await openCommandHost(options, terminal, { runtimes, observer: metrics?.observer });
    try {
      if (metrics !== undefined) host.log.info("serving metrics", { url: metrics.url });
      return await watch({ host, runtimes, everyMs, webhook, health }, options, terminal);
    } finally {
      await host.close();
    }
  } finally {
    await metrics?.close();
  }
}

async function metricsAt(
  written: string | undefined,
  health: WatchHealth,
): Promise<ServedMetrics | undefined> {
  if (written === undefined) return undefined;
  const address = parseListenAddress("--metrics", written, 9464);
  // Imported lazily: with the SDK, it is larger than most of the command.
  const { serveMetrics } = await import("../servers/serve-metrics.js");
  return serveMetrics(address, health);
}

/** The parsed command line. */
interface Watch {
  readonly host: Host;
  readonly runtimes: readonly string[];
  readonly everyMs: number;
  readonly webhook: Pick<WebhookRequest, "address" | "secret"> | undefined;
  readonly health: WatchHealth;
}

async function watch(
  { host, runtimes, everyMs, webhook, health }: Watch,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const { log } = host;
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
  let receiver: ServedWebhook | undefined;
  try {
    if (webhook !== undefined) {
      receiver = await serveWebhook({ ...webhook, images, runtimes, log, health });
      log.info("receiving webhooks", { url: receiver.url });
    }
    const plan: typeof images.plan = async (runtime, caller) => {
      const result = await images.plan(runtime, caller);
      // A miss may be a commit whose build has failed.
      if (result.hit) health.succeeded(runtime, result.reference);
      return result;
    };
    await watchImages({ plan, ensure: display.ensure }, runtimes, {
      everyMs,
      signal: terminal.signal,
      events: receiver?.events,
      onImage: (runtime, image) => {
        health.succeeded(runtime, image.reference);
        report({ runtime, ok: true, image });
      },
      onError: (runtime, error, retryInMs) => {
        health.failed(runtime, error.code);
        report({ runtime, ok: false, error, retryInMs });
      },
    });
  } finally {
    unwatch();
    await receiver?.close();
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
