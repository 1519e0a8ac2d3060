import type { ProgressOfWorkspace } from "./workspace.js";

/** Maximum number of output lines to keep. */
const maxLines = 200;
/** Maximum number of characters of the container's output to keep. */
const maxCharacters = 64 * 1024;

/** The past progress and output of a workspace, for clients that connect late; bounded, however long they are. */
export class History {
  #events: ProgressOfWorkspace[] = [];
  #lines = 0;
  #output = "";

  /** The end of the container's output. */
  get output(): string {
    return this.#output;
  }

  print(text: string): void {
    this.#output = (this.#output + text).slice(-maxCharacters);
  }

  add(event: ProgressOfWorkspace): void {
    const { progress } = event;
    // Only the latest amount with this ID matters.
    if (progress.type === "amount") this.#drop((old) => old.type === "amount" && old.id === progress.id);
    if (progress.type === "output" && ++this.#lines > maxLines) {
      this.#drop((old) => old.type === "output");
      this.#lines = maxLines;
    }
    this.#events.push(event);
  }

  events(): readonly ProgressOfWorkspace[] {
    return this.#events;
  }

  /** Drops the first event that matches. */
  #drop(isIt: (progress: ProgressOfWorkspace["progress"]) => boolean): void {
    const index = this.#events.findIndex(({ progress }) => isIt(progress));
    if (index !== -1) this.#events.splice(index, 1);
  }
}
