import {
  delay,
  ImageSourceError,
  type Call,
  type Clock,
  type ErrorCode,
  type ImageSource,
  type Mode,
  type ReadyImage,
  type Recallable,
  type Resolution,
  type RuntimeName,
  type Step,
  type StepReport,
} from "@molecule/core";
import { fakeImage } from "./fake-image.js";
import type { FakeFailure, FakeOutcome, FakeStep } from "./fake-script.js";

/** A resolution that keeps its outcome, so that a call has the same one to its end. */
interface Scripted extends Resolution {
  readonly outcome: FakeOutcome<Mode>;
  readonly image: ReadyImage;
}

/**
 * Returns a source that does what a script says.
 * @param outcomeOf returns the current outcome of a runtime
 */
export function scriptedSource(
  mode: Mode,
  clock: Clock,
  outcomeOf: (runtime: RuntimeName) => FakeOutcome<Mode>,
): ImageSource & Recallable {
  const made = new Set<string>();
  const wait = async (milliseconds: number | undefined, { signal }: Call): Promise<void> => {
    if (milliseconds !== undefined && milliseconds > 0) await delay(clock, milliseconds, signal);
  };

  async function failAt(step: Step, { outcome }: Pick<Scripted, "outcome">, call: Call): Promise<void> {
    if (outcome.fails === undefined || stepOf(outcome, mode) !== step) return;
    await wait(outcome.latencyMs, call);
    throw failure(outcome);
  }

  return {
    name: "fake",

    async resolve(runtime, call): Promise<Scripted> {
      const outcome = outcomeOf(runtime);
      await failAt("resolve", { outcome }, call);
      if (outcome.fails === undefined && outcome.stale === true) {
        await wait(outcome.latencyMs, call);
        throw failure({ fails: "SOURCE_UNREACHABLE" });
      }
      const image = fakeImage(mode, runtime, outcome, call);
      const { reference, revision, buildKey, platform } = image;
      return { runtime, reference, revision, buildKey, platform, outcome, image };
    },

    async find(resolution: Scripted, call) {
      const { outcome, image } = resolution;
      await failAt("find", resolution, call);
      const isCached = outcome.fails === undefined && (outcome.cached ?? made.has(image.imageId));
      if (!isCached) return { hit: false, why: `image not found: ${image.reference}` };
      await wait(outcome.latencyMs, call);
      return { hit: true, image };
    },

    async provide(resolution: Scripted, found, call) {
      const { outcome, image } = resolution;
      if (found !== undefined) return found.image;
      const steps = stepsOf(outcome, mode);
      for (const [index, one] of steps.entries()) {
        const isLast = index === steps.length - 1;
        await call.progress.step(one.step, one.what ?? image.reference, async (report) => {
          reportStep(one, report);
          await wait(one.latencyMs, call);
          if (!isLast) return;
          await wait(outcome.latencyMs, call);
          if (outcome.fails !== undefined) throw failure(outcome);
        });
      }
      made.add(image.imageId);
      return { ...image, built: mode === "local" };
    },

    lastGood: async (runtime, call) => {
      const outcome = outcomeOf(runtime);
      return outcome.fails === undefined && outcome.stale === true
        ? fakeImage(mode, runtime, outcome, call)
        : undefined;
    },
  };
}

/** Returns the steps to report; the last one takes the outcome's latency, and fails if the outcome does. */
function stepsOf(outcome: FakeOutcome<Mode>, mode: Mode): readonly FakeStep[] {
  const usual: readonly FakeStep[] =
    mode === "registry" ? [{ step: "pull" }] : [{ step: "checkout" }, { step: "build" }];
  const steps = outcome.progress ?? usual;
  if (outcome.fails === undefined) return steps.length > 0 ? steps : usual.slice(-1);
  const failing = stepOf(outcome, mode);
  const index = steps.findIndex(({ step }) => step === failing);
  return index === -1 ? [...steps, { step: failing }] : steps.slice(0, index + 1);
}

function reportStep({ output = [], amounts = [] }: FakeStep, report: StepReport): void {
  for (const line of output) report.output(line);
  for (const { done, total, unit } of amounts) report.amount(done, total, unit);
}

function stepOf({ fails, step }: FakeFailure, mode: Mode): Step {
  if (step !== undefined) return step;
  if (fails === "CHECKOUT_FAILED") return mode === "registry" ? "pull" : "checkout";
  if (fails === "ENGINE_UNAVAILABLE") return "find";
  if (mode === "registry") return "pull";
  return isOfServer(fails) ? "resolve" : "build";
}

function isOfServer(code: ErrorCode): boolean {
  return code.startsWith("SOURCE_");
}

function failure({ fails: code, message, hint, output }: FakeFailure): ImageSourceError {
  return new ImageSourceError({
    code,
    message: message ?? `scripted failure ${code}`,
    hint: hint ?? "This error comes from the script of createFakeImageProvider.",
    output,
  });
}
