import { join } from "node:path";
import type { Fault } from "@molecule/testkit";
import type { World } from "./start-world.js";

/** The expected result of one command; each of the forge's `faults` is applied once. */
export interface Scenario {
  readonly args: readonly string[];
  readonly status: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly faults?: readonly (readonly ["api" | "git", Fault])[];
  /** Sent while git waits for the forge. */
  readonly signal?: NodeJS.Signals;
}

/** Scenarios by what they have in common, in the order in which they run. */
export type Scenarios = Readonly<Record<string, (world: World) => readonly Scenario[]>>;

/** Returns the command as it is, and with `--json`. */
export const twice = (args: readonly string[]): readonly (readonly string[])[] => [args, [...args, "--json"]];

/** Returns the arguments that select a configuration file. */
export const config = (folder: string, name: string): readonly string[] => ["--config", join(folder, name)];
