import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { allowedRuntimes, silentLog, silentProgress, systemClock, type Finding } from "@molecule/core";
import { createRegistryClient } from "@molecule/engine";
import { putImage, startRegistry, type Registry } from "@molecule/test-fixtures";
import { diagnoseDestination } from "./diagnose-destination.js";

const login = { user: "builder", password: "its password" };
let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry({ htpasswd: login });
});
afterAll(() => registry.stop());

function diagnose(host: string, password = login.password): Promise<readonly Finding[]> {
  const credential = { from: "a test", username: login.user, password };
  const registryClient = createRegistryClient({
    fetch,
    credentials: { find: () => Promise.resolve(credential) },
  });
  const signal = new AbortController().signal;
  const call = { signal, log: silentLog, progress: silentProgress, fresh: false };
  const scope = { named: [], allowed: [...allowedRuntimes([], "a test")] };
  return diagnoseDestination(`${host}/team`, { registryClient, clock: systemClock }, call, scope);
}

test("a registry that responds, without and with an image", async () => {
  const fine = [{ id: "registry", ok: true, message: `${registry.host}/team responds`, hint: "" }];
  expect(await diagnose(registry.host)).toEqual(fine);
  const place = { host: registry.host, repository: "team/workspace-template-claude-code" };
  await putImage({ ...place, credentials: login, files: { a: "1" } });
  expect(await diagnose(registry.host)).toEqual(fine);
});

test("a registry that is down, or denies access", async () => {
  expect(await diagnose("127.0.0.1:1")).toMatchObject([
    { id: "registry", ok: false, message: expect.stringContaining("127.0.0.1:1") },
  ]);
  expect(await diagnose(registry.host, "another password")).toMatchObject([
    { ok: false, hint: expect.stringContaining(`docker login ${registry.host}`) },
  ]);
});
