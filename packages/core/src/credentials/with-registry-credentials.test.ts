import { expect, test } from "@jest/globals";
import type { RegistryCredential, RegistryCredentials } from "../contract/registry-credentials.js";
import { ImageSourceError } from "../errors/errors.js";
import { withRegistryCredentials, type FindCredential } from "./with-registry-credentials.js";

const denied = new ImageSourceError({ code: "SOURCE_DENIED", message: "denied", hint: "log in" });

/** Credentials whose passwords are replaced when they are looked up again, and a record of the lookups. */
function replaced(passwords: Readonly<Record<string, readonly [cached: string, latest: string]>>): {
  credentials: RegistryCredentials;
  lookups: string[];
} {
  const lookups: string[] = [];
  const find: RegistryCredentials["find"] = async (registry, { fresh = false } = {}) => {
    lookups.push(`${registry}${fresh ? " again" : ""}`);
    const password = passwords[registry]?.[fresh ? 1 : 0];
    return password === undefined ? undefined : { from: "the test", username: "me", password };
  };
  return { credentials: { find }, lookups };
}

/** Work that uses the credentials of these registries, and is refused. */
function refused(registries: readonly string[], error: Error = denied) {
  const sent: (RegistryCredential | undefined)[][] = [];
  const work = async (find: FindCredential): Promise<never> => {
    sent.push(await Promise.all(registries.map(find)));
    throw error;
  };
  const passwords = () => sent.map((one) => one.map((each) => each && "password" in each && each.password));
  return { work, passwords };
}

test("refused work is repeated once, with the changed credentials", async () => {
  const { credentials, lookups } = replaced({ a: ["old", "new"], b: ["same", "same"] });
  const { work, passwords } = refused(["a", "b"]);
  await expect(withRegistryCredentials(credentials, {}, work)).rejects.toBe(denied);
  expect(passwords()).toEqual([
    ["old", "same"],
    ["new", "same"],
  ]);
  expect(lookups).toEqual(["a", "b", "a again", "b again"]);
});

test("refused work is not repeated if its credentials are still the latest, or if it used none", async () => {
  const { credentials, lookups } = replaced({ a: ["same", "same"], b: ["old", "new"] });
  for (const registries of [["a", "unknown"], []]) {
    const { work, passwords } = refused(registries);
    await expect(withRegistryCredentials(credentials, {}, work)).rejects.toBe(denied);
    expect(passwords()).toHaveLength(1);
  }
  expect(lookups).not.toContain("b");
});

test("work that fails for another reason is not repeated, and nothing is looked up again", async () => {
  const { credentials, lookups } = replaced({ a: ["old", "new"] });
  const failure = new Error("no space left");
  await expect(withRegistryCredentials(credentials, {}, refused(["a"], failure).work)).rejects.toBe(failure);
  expect(lookups).toEqual(["a"]);
});
