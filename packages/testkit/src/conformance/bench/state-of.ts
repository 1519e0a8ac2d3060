import type { Bench } from "./bench.js";
import { diskSnapshot } from "../world/disk-snapshot.js";
import { onlyReads } from "../world/watched-engine.js";

/** Everything that a source could have changed, to compare before and after. */
export interface State {
  readonly images: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, string>;
  /** The engine calls so far that do more than read. */
  readonly changes: readonly string[];
}

export async function stateOf({ images, directory, engine }: Bench): Promise<State> {
  return {
    images: await images(),
    files: await diskSnapshot(directory),
    changes: engine.calls.filter((call) => !onlyReads(call)).map(({ method }) => method),
  };
}
