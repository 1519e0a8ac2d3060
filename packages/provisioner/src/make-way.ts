import type { ContainerEngine, EngineCall } from "@molecule/core";
import { containerConflict } from "./container-error.js";
import { containerLabels } from "./container-labels.js";

/**
 * Frees a name: removes a stopped container of ours. A running one, or one created by another tool, is
 * `CONTAINER_CONFLICT` unless `replace` is set.
 */
export async function makeWay(
  engine: ContainerEngine,
  name: string,
  replace: boolean,
  call: EngineCall,
): Promise<void> {
  const present = await engine.inspectContainer(name, call);
  // An engine also finds a container by the start of its ID.
  if (present?.name !== name) return;
  if (!replace) {
    if (present.labels[containerLabels.managedBy] === undefined) {
      throw containerConflict(name, "it was not started by molecule-image");
    }
    if (present.running) throw containerConflict(name, "it is running");
  }
  await engine.removeContainer(present.id, { force: replace }, call);
}
