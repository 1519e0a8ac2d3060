import type { ListrDefaultRendererLogLevels } from "listr2";

/** Named tasks, redrawn in place. */
export interface TaskList {
  update(name: string, text: string): void;
  settle(name: string, ok: boolean): void;
  /** Ends what has not been settled as failed, and leaves the last picture. */
  close(): Promise<void>;
}

/** Over listr2, which wants to run its tasks itself: each of them waits until it is told its end. */
export async function openTaskList(stderr: NodeJS.WriteStream, names: readonly string[]): Promise<TaskList> {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import("listr2");
  // listr2 asks whether stdout is a terminal, and prints to it by lines where it is none: `ref=$(molecule-image …)`.
  class Renderer extends DefaultRenderer {
    static override nonTTY = true;
  }
  const tasks = new Map(names.map((name) => [name, createTask()]));

  const list = new Listr(
    [...tasks].map(([title, { ended, onText }]) => ({
      title,
      task: async (_context: unknown, wrapper: { output: string }) => {
        onText((text) => {
          wrapper.output = text;
        });
        await ended;
      },
    })),
    {
      renderer: Renderer,
      concurrent: true,
      exitOnError: false,
      // A signal is the command's to handle, and stdout may be a pipe while stderr is the terminal.
      registerSignalListeners: false,
      fallbackRendererCondition: false,
      rendererOptions: {
        showErrorMessage: false,
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({
          // The result belongs to stdout: everything that is drawn goes to stderr.
          processOutput: new ProcessOutput(stderr, stderr),
        }),
      },
    },
  );
  const ran = list.run().then(
    () => undefined,
    () => undefined,
  );

  return {
    update: (name, text) => tasks.get(name)?.text(text),
    settle: (name, ok) => tasks.get(name)?.end(ok),
    async close() {
      for (const task of tasks.values()) task.end(false);
      await ran;
    },
  };
}

function createTask(): {
  readonly ended: Promise<void>;
  readonly end: (ok: boolean) => void;
  readonly text: (text: string) => void;
  readonly onText: (listener: (text: string) => void) => void;
} {
  let listener: (text: string) => void = () => undefined;
  let end: (ok: boolean) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (ok) => {
      if (ok) resolve();
      else reject(new Error("failed"));
    };
  });
  ended.catch(() => undefined);
  return {
    ended,
    end: (ok) => end(ok),
    text: (text) => listener(text),
    onText: (next) => {
      listener = next;
    },
  };
}
