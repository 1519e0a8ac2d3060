import { createLineSplitter, fetchedImage, type BuilderLog, type BuildOutput } from "@molecule/core";
import { createTransferProgress } from "../images/transfer-progress.js";
import { fieldsOf, numberOf, textOf, type Fields } from "../connection/json-fields.js";

/** The log of a classic build, which is notified when a step's command has ended. */
export interface ClassicLog extends BuilderLog<Fields> {
  /** The container in which the current `RUN` started; undefined for other steps, and once its layer is committed. */
  readonly container: string | undefined;
  /** Announces that the layer of that container is being committed, which the engine does not report. */
  commits(container: string): void;
}

/**
 * Interprets the messages of the classic builder and of Podman's: `{"stream"}` contains text, and `Step 2/3 : RUN make`
 * starts a step. Podman writes `STEP 2/3: RUN make`, or `[2/2] STEP 1/2: FROM base` if there are stages.
 */
export function createClassicLog(output: BuildOutput): ClassicLog {
  let step: string | undefined;
  let instruction = "";
  let fetching: string | undefined;
  let container: string | undefined;
  /** Why nothing is reported until the step ends. */
  let silence: string | undefined;
  const transferOutput = { ...output, output: (text: string) => output.line(text) };
  let pull = createTransferProgress(transferOutput, "pull");

  const announce = (): void => {
    if (silence !== undefined) output.quiet(silence);
  };
  const begin = ([, stage, done = "", total = "", what = ""]: readonly string[], line: string): void => {
    step = `[${stage === undefined ? "" : `stage ${stage}, `}${done}/${total}] ${what}`;
    instruction = what;
    pull = createTransferProgress(transferOutput, "pull");
    if (fetchedImage(step) !== undefined) fetching = step;
    output.amount(Number(done) - 1, Number(total), "steps");
    output.line(line);
    silence = copiesFiles(instruction) ? copying : undefined;
    announce();
  };
  const splitter = createLineSplitter((line) => {
    const begun = /^(?:\[(\d+\/\d+)\] )?Step (\d+)\/(\d+) ?: (.*)$/i.exec(line);
    if (begun !== null) {
      container = undefined;
      begin(begun, line);
      return;
    }
    if (line === "") return;
    output.line(line);
    const [, started] = /^ ---> Running in ([0-9a-f]{12,64})$/.exec(line) ?? [];
    if (started !== undefined && /^RUN\b/i.test(instruction)) container ??= started;
    else if (/^(?: ---> [0-9a-f]{12}|Removing intermediate container )/.test(line)) {
      container = undefined;
      silence = undefined;
    }
    announce();
  });
  return {
    take: (message) => {
      splitter.write(withoutColour(textOf(message.stream)));
      const status = textOf(message.status);
      if (status === "") return;
      pull.take(message);
      const { current, total } = fieldsOf(message.progressDetail);
      const isAdded =
        /^ADD\b/i.test(instruction) && numberOf(total) > 0 && numberOf(current) >= numberOf(total);
      if (isAdded) silence = copying;
      // The image of a COPY --from has arrived, or the file of an ADD.
      if (isAdded || status.startsWith("Status: ")) announce();
    },
    end: () => splitter.end(),
    commits: (ended) => {
      if (ended !== container) return;
      silence = "the builder reports nothing while it commits the layer";
      announce();
    },
    get container() {
      return container;
    },
    get step() {
      return step;
    },
    get fetching() {
      return fetching;
    },
  };
}

const copying = "the builder reports nothing while it copies";

/** Whether a step only copies files and commits a layer. The download of an `ADD` must not stall. */
function copiesFiles(instruction: string): boolean {
  return /^(?:COPY|ADD)\b/i.test(instruction) && !/\s(?:https?:\/\/|git@|git:\/\/)/.test(instruction);
}

/** Removes the colour that the daemon adds to a step's stderr. */
function withoutColour(text: string): string {
  // eslint-disable-next-line no-control-regex -- matches control characters on purpose
  return /^\u001b\[91m([^]*)\u001b\[0m$/.exec(text)?.[1] ?? text;
}
