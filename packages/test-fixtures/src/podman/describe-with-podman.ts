import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { programPath } from "@molecule/testkit/internal";
import {
  describeWherePossible,
  isKindTested,
  type SuiteRunner,
} from "../programs/describe-where-possible.js";
import {
  startContainerStorage,
  type ContainerStorage,
  type ContainerStorageOptions,
} from "./start-container-storage.js";
import { startPrivatePodman, type PrivatePodman } from "./start-private-podman.js";

/** A test runner with hooks, which start and stop what the suite needs. */
export interface HookedRunner extends SuiteRunner {
  readonly beforeAll: (hook: () => Promise<void>) => unknown;
  readonly afterAll: (hook: () => Promise<void>) => unknown;
}

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
  const missing = whatIsMissing(["podman", "runc", "conmon"]);
  describeWherePossible(runner, name, { what: "Podman", missing }, () => {
    body(kept(runner, () => startPrivatePodman(options)));
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
  const missing = whatIsMissing(["buildah", "runc"]);
  describeWherePossible(runner, name, { what: "buildah", missing }, () => {
    body(kept(runner, () => startContainerStorage(options)));
  });
}

function kept<T extends ContainerStorage>(runner: HookedRunner, start: () => Promise<T>): () => T {
  let started: T | undefined;
  runner.beforeAll(async () => {
    started = await start();
  });
  runner.afterAll(async () => {
    await started?.stop();
  });
  return () => {
    if (started === undefined) throw new TypeError("it is there only inside of tests and hooks");
    return started;
  };
}

function whatIsMissing(programs: readonly string[]): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs root on Linux";
  const absent = programs.filter((name) => !isThere(name));
  return absent.length === 0 ? undefined : `${absent.join(", ")} not in PATH`;
}

function isThere(name: string): boolean {
  return programPath()
    .split(delimiter)
    .some((place) => {
      try {
        accessSync(join(place, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
