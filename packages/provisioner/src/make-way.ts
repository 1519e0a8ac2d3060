import type { ContainerEngine, EngineCall } from "@molecule/core";
import { containerConflict } from "./container-error.js";
import { containerLabels } from "./container-labels.js";

/**
 * Frees a name: a stopped container of ours is removed; a running one, or one of somebody else, is
 * `CONTAINER_CONFLICT` unless it is to be replaced.
 */
export async function makeWay(
  engine: ContainerEngine,
  name: string,
  replace: boolean,
  call: EngineCall,
): Promise<void> {
  const present = await engine.inspectContainer(name, call);
  // An engine also answers to the start of an ID.
  if (present?.name !== name) return;
  if (!replace) {
    if (present.labels[containerLabels.managedBy] === undefined) {
      throw containerConflict(name, "it was not started by molecule-image");
    }
    if (present.running) throw containerConflict(name, "it is running");
  }
  await engine.removeContainer(present.id, { force: replace }, call);
}
