import { afterAll, beforeAll, beforeEach } from "@jest/globals";
import { startGuardedRegistry, type GuardedRegistry } from "../registry/start-guarded-registry.js";

/** Two registries with different users. Use its members inside tests only. */
export interface GuardedRegistries {
  readonly one: GuardedRegistry;
  readonly other: GuardedRegistry;
  readonly both: readonly GuardedRegistry[];
  /** A template that needs an image of each. */
  bases(): { readonly Dockerfile: string };
}

/** Starts the registries before the tests of the file, forgets requests before each test, and stops them after all. */
export function useGuardedRegistries(): GuardedRegistries {
  let both: readonly GuardedRegistry[] = [];
  beforeAll(async () => {
    const one = await startGuardedRegistry("one", "pass-word/of one", ["a", "one"]);
    both = [one];
    both = [one, await startGuardedRegistry("other", "pass-word/of other", ["b", "other"])];
  });
  afterAll(async () => {
    await Promise.all(both.map((registry) => registry.stop()));
  });
  beforeEach(() => {
    for (const registry of both) registry.forget();
  });
  const at = (index: number): GuardedRegistry => {
    const registry = both[index];
    if (registry === undefined) throw new TypeError("available only inside tests");
    return registry;
  };
  return {
    get one() {
      return at(0);
    },
    get other() {
      return at(1);
    },
    get both() {
      return both;
    },
    bases: () => ({ Dockerfile: `FROM ${at(0).image}\nCOPY --from=${at(1).image} /b /b\n` }),
  };
}
