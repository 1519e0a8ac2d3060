import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RegistryCredential } from "@molecule/core";
import { describeWherePossible, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { runFrom } from "../builds/run-programs.test.support.js";
import { basic, writeDockerConfig } from "./docker-files.test.support.js";
import { registryAuth } from "./registry-auth.js";
import { registryCredentials } from "./registry-credentials.js";

const commands = ["/usr/bin/docker", "/usr/local/bin/docker"].filter((path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});
const missing = commands.length === 0 ? "docker not found in /usr/bin or /usr/local/bin" : undefined;

const own = { auth: basic("me", "pass") };
const host = "r.example.com";
const hub = "https://index.docker.io/v1/";
const keys = (registry: string, written: readonly string[]): [string, object][] =>
  written.flatMap((key): [string, object][] => [
    [registry, { auths: { [key]: own } }],
    [registry, { credHelpers: { [key]: "one" } }],
  ]);
const entries = (written: readonly object[]): [string, object][] =>
  written.map((entry) => [host, { auths: { [host]: entry } }]);

const cases: readonly [string, object][] = [
  ...keys("docker.io", [
    hub,
    "docker.io",
    "index.docker.io",
    "https://index.docker.io",
    "registry-1.docker.io",
  ]),
  ...keys(host, [
    host,
    `https://${host}`,
    `http://${host}/v1/`,
    `${host}/path`,
    `${host}:443`,
    "R.example.com",
  ]),
  ...keys(`${host}:5000`, [`${host}:5000`, `https://${host}:5000/v2/`, host]),
  ...entries([
    { identitytoken: "tok" },
    { auth: basic("u", "p"), identitytoken: "tok" },
    { username: "u", password: "p" },
    { username: "u", password: "p", auth: basic("v", "w") },
    { auth: basic("u", "a:b") },
    { auth: basic("u", "päß") },
    { auth: basic("u", "p\0\0") },
    { Auth: basic("u", "p") },
    { auth: "" },
    {},
  ]),
  [host, { auths: { [host]: own }, credsStore: "two", credHelpers: { [host]: "one" } }],
  [host, { auths: { [host]: own }, credsStore: "two", credHelpers: { [host]: "" } }],
  [host, { auths: { [host]: own }, credsStore: "two" }],
  [host, { auths: { [host]: own }, CredsStore: "two" }],
  [host, { auths: { [host]: own }, credsStore: "none" }],
  [host, { credsStore: "token" }],
  ["docker.io", { credsStore: "two" }],
  [host, {}],
];

describeWherePossible(
  { describe, test },
  "what the docker command sends to an engine",
  { what: "the docker command", missing },
  () => {
    let directory: TemporaryDirectory;
    let engine: FakeEngine;
    beforeAll(async () => {
      directory = await temporaryDirectory();
      const scripts = {
        one: `printf '{"Username":"one","Secret":"for %s"}' "$server"`,
        two: `printf '{"Username":"two","Secret":"for %s"}' "$server"`,
        token: `printf '{"Username":"<token>","Secret":"for %s"}' "$server"`,
        none: "echo credentials not found in native keychain; exit 1",
      };
      for (const [name, script] of Object.entries(scripts)) {
        const file = join(directory.path, `docker-credential-${name}`);
        await writeFile(file, `#!/bin/sh\nserver=$(cat)\n${script}\n`);
        await chmod(file, 0o755);
      }
      engine = await startFakeEngine((request, response) => {
        const isPull = request.url?.includes("/images/create") === true;
        response.writeHead(isPull ? 500 : 200, { "api-version": "1.41", ostype: "linux" });
        response.end('{"message":"no"}');
      });
    });
    afterAll(async () => {
      await engine.stop();
      await directory.remove();
    });

    const env = (): Record<string, string> => ({
      PATH: `${directory.path}:/usr/bin:/bin`,
      HOME: directory.path,
      DOCKER_HOST: engine.address,
    });
    /** Returns the credentials that a pull with `docker` sent to the engine. */
    const theirs = async (docker: string, registry: string): Promise<unknown> => {
      const before = engine.requests.length;
      await new Promise((resolve) => {
        execFile(docker, ["pull", `${registry}/x/y`], { env: env() }, resolve);
      });
      const pull = engine.requests.slice(before).find(({ path }) => path.includes("/images/create"));
      return sent(pull?.headers["x-registry-auth"]);
    };
    const ours = (credential: RegistryCredential | undefined, registry: string): unknown =>
      sent(registryAuth({ credential, registry })["x-registry-auth"]);

    test.each(commands)(
      "%s: the same as ours",
      async (docker) => {
        for (const [registry, config] of cases) {
          await writeDockerConfig(directory.path, config);
          const credential = await registryCredentials(registry, {
            env: env(),
            home: directory.path,
            run: runFrom(directory.path),
          });
          const what = { registry, config };
          expect({ ...what, sent: ours(credential, registry) }).toEqual({
            ...what,
            sent: await theirs(docker, registry),
          });
        }
      },
      60_000,
    );
  },
);

/** Returns the relevant fields of a header; empty if it has no credentials. */
function sent(header: unknown): unknown {
  const { username, password, identitytoken } = JSON.parse(
    Buffer.from(typeof header === "string" ? header : "e30=", "base64url").toString("utf8"),
  ) as Readonly<Record<string, string | undefined>>;
  // Engines ignore a password next to an identity token.
  if (identitytoken !== undefined) return { identitytoken };
  return username === undefined ? {} : { username, password };
}
