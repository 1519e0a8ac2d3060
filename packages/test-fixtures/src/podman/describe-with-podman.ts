import { describeWherePossible, isKindTested } from "../programs/describe-where-possible.js";
import { missingForRoot } from "../programs/missing-for-root.js";
import { startForSuite, type HookedRunner } from "../programs/start-for-suite.js";
import {
  startContainerStorage,
  type ContainerStorage,
  type ContainerStorageOptions,
} from "./start-container-storage.js";
import { startPrivatePodman, type PrivatePodman } from "./start-private-podman.js";

/**
 * A suite with a private Podman service. Without Podman it is skipped, with a note on stderr; if `CI` is set, it
 * fails. The values passed to it are valid only inside tests and hooks.
 */
export function describeWithPodman(
  runner: HookedRunner,
  name: string,
  body: (podman: () => PrivatePodman) => void,
  options: ContainerStorageOptions = {},
): void {
  if (!isKindTested("podman")) return;
  const missing = missingForRoot(["podman", "runc", "conmon"]);
  describeWherePossible(runner, name, { what: "Podman", missing }, () => {
    body(startForSuite(runner, () => startPrivatePodman(options)));
  });
}

/** Like {@link describeWithPodman}, for buildah: a private storage, and no service. */
export function describeWithBuildah(
  runner: HookedRunner,
  name: string,
  body: (storage: () => ContainerStorage) => void,
  options: ContainerStorageOptions = {},
): void {
  if (!isKindTested("buildah")) return;
  const missing = missingForRoot(["buildah", "runc"]);
  describeWherePossible(runner, name, { what: "buildah", missing }, () => {
    body(startForSuite(runner, () => startContainerStorage(options)));
  });
}
