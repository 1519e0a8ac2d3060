import type { ProgressOfWorkspace } from "./workspace.js";

/** Lines of output that are kept. */
const maxLines = 200;

/** What somebody who comes late has missed, as far as it still says something: bounded, however long a build talks. */
export class History {
  #events: ProgressOfWorkspace[] = [];
  #lines = 0;

  add(event: ProgressOfWorkspace): void {
    const { progress } = event;
    // Of an amount only the last one counts.
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

  /** The first one of its kind. */
  #drop(isIt: (progress: ProgressOfWorkspace["progress"]) => boolean): void {
    const index = this.#events.findIndex(({ progress }) => isIt(progress));
    if (index !== -1) this.#events.splice(index, 1);
  }
}
