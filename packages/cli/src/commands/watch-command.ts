import { parseDuration, watchImages, type EnsuredImage } from "@molecule/core";
import type { Host } from "@molecule/host";
import type { CommonOptions } from "../options/common-options.js";
import type { Outcome } from "../options/each-runtime.js";
import { exitStatus } from "../options/exit-status.js";
import { openCommandHost } from "../host/open-command-host.js";
import { printError, printJson, printLine } from "../terminal/print.js";
import { passingDisplay } from "../progress/passing-display.js";
import type { Terminal } from "../terminal/terminal.js";
import { usage } from "../options/usage.js";

export interface WatchCommandOptions extends CommonOptions {
  readonly every?: string;
}

/** Makes the images of new commits ahead, until a signal comes; prints a line for each. */
export async function watchCommand(
  runtimes: string[],
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const everyMs = interval(options.every ?? "5m");
  const host = await openCommandHost(options, terminal);
  try {
    await warnOfPolicies(host, runtimes);
    const images = await host.createProvider();
    const display = passingDisplay(images, options, terminal);
    // In the order in which it happened, also while a display is opening.
    let told = Promise.resolve();
    const tell = (outcome: Outcome<EnsuredImage>): void => {
      told = told.then(() =>
        display.aside(() => {
          print(outcome, options, terminal);
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
          tell({ runtime, ok: true, image });
        },
        onError: (runtime, error) => {
          tell({ runtime, ok: false, error });
        },
      });
    } finally {
      unwatch();
      // What was cancelled cleans up before this process ends.
      await images.close();
      await told;
    }
    return exitStatus(["CANCELLED"], terminal);
  } finally {
    await host.close();
  }
}

const shortestMs = 1000;

function interval(written: string): number {
  try {
    const milliseconds = parseDuration(written);
    if (milliseconds >= shortestMs) return milliseconds;
  } catch {
    // Said below: it is no configuration that is wrong.
  }
  throw usage(
    `--every ${JSON.stringify(written)} is not a duration of at least a second`,
    "Write a whole number and a unit: 30s, 5m or 1h.",
  );
}

/** Policies under which nothing new ever comes, but for what is absent. */
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
  log.warn(
    "pullPolicy never asks the registry for an image that is present, so watch will find nothing new",
    {
      runtimes: idle,
      key,
      hint: "set it to always or every_DURATION",
    },
  );
}

function print(outcome: Outcome<EnsuredImage>, options: CommonOptions, { stdout, stderr }: Terminal): void {
  if (options.json === true) printJson(stdout, outcome);
  else if (!outcome.ok) printError(stderr, outcome.error, outcome.runtime);
  else printLine(stdout, `${outcome.runtime} ${outcome.image.reference} ${outcome.image.imageId}`);
}
