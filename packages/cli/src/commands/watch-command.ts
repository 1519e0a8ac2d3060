import { parseDuration, watchImages, type EnsuredImage } from "@molecule/core";
import type { Host } from "@molecule/host";
import type { CommonOptions } from "../common-options.js";
import type { Outcome } from "../each-runtime.js";
import { exitStatus } from "../exit-status.js";
import { openCommandHost } from "../open-command-host.js";
import { printError, printJson, printLine } from "../print.js";
import { passingDisplay } from "../progress/passing-display.js";
import type { Terminal } from "../terminal.js";
import { usage } from "../usage.js";

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
    await warnOfPolicy(host);
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
    try {
      await watchImages({ plan: images.plan, ensure: display.ensure }, runtimes, {
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

/** Policies of a registry under which nothing new ever comes. */
const idlePolicies: readonly unknown[] = ["missing", "never"];

async function warnOfPolicy({ selection, values, log }: Host): Promise<void> {
  if (selection.mode !== "registry") return;
  const policy = (await values()).find(({ path }) => path === `options.${selection.source}.pullPolicy`);
  if (policy === undefined || !idlePolicies.includes(policy.value)) return;
  log.warn(
    "this pullPolicy does not ask the registry for images that are present: nothing new will be seen",
    {
      pullPolicy: policy.value,
      origin: policy.origin,
      hint: "set it to always",
    },
  );
}

function print(outcome: Outcome<EnsuredImage>, options: CommonOptions, { stdout, stderr }: Terminal): void {
  if (options.json === true) printJson(stdout, outcome);
  else if (!outcome.ok) printError(stderr, outcome.error, outcome.runtime);
  else printLine(stdout, `${outcome.runtime} ${outcome.image.reference} ${outcome.image.imageId}`);
}
