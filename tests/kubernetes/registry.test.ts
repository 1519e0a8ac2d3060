import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { makeAuthority, temporaryDirectory, type TemporaryDirectory } from "@molecule/test-fixtures";
import { manifest } from "./manifests.js";

/* The registry of docs/operating/kubernetes: its variables, tried with the real registry. */

/** A line of `htpasswd -B`, for the password `host`. */
const passwords = "builder:$2y$05$ANYihaa3kYadUg4fIMLeNOzcQwKg7Kjf1oiEDh6cBNLeLXaEbABm2\n";

let directory: TemporaryDirectory;
let registry: ChildProcessByStdio<null, null, Readable>;
let port: number;
let authority: Buffer;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const at = (name: string): string => join(directory.path, name);
  const issuer = await makeAuthority(directory.path);
  authority = await readFile(issuer.file);
  const { cert, key } = await issuer.issue("127.0.0.1");
  for (const name of ["tls", "auth", "images"]) await mkdir(at(name));
  await writeFile(at("tls/tls.crt"), cert);
  await writeFile(at("tls/tls.key"), key);
  await writeFile(at("auth/htpasswd"), passwords);
  await writeFile(at("config.yml"), "version: 0.1\n");

  const [container] = manifest("Deployment", "registry").spec?.template.spec?.containers ?? [];
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value = "" }) => [name, value]));
  const places = { "/var/lib/registry": at("images"), "/tls": at("tls"), "/auth": at("auth") };
  expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
    "/var/lib/registry",
    "/auth",
    "/tls",
  ]);
  for (const [path, place] of Object.entries(places))
    for (const [name, value] of Object.entries(env))
      if (value.startsWith(path)) env[name] = value.replace(path, place);
  expect(env["REGISTRY_HTTP_ADDR"]).toBe(`0.0.0.0:${String(container?.ports?.[0]?.containerPort)}`);
  registry = spawn("docker-registry", ["serve", at("config.yml")], {
    env: { PATH: process.env.PATH, ...env, REGISTRY_HTTP_ADDR: "127.0.0.1:0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  port = await listeningPort();
});
afterAll(async () => {
  registry.kill("SIGKILL");
  await once(registry, "close");
  await directory.remove();
});

test("the registry responds to probes without a password, and everything else only with one", async () => {
  const [container] = manifest("Deployment", "registry").spec?.template.spec?.containers ?? [];
  for (const probe of [container?.readinessProbe, container?.livenessProbe])
    expect(await statusOf(probe?.httpGet?.path ?? "")).toBe(200);
  expect(await statusOf("/v2/")).toBe(401);
  expect(await statusOf("/v2/", "builder:wrong")).toBe(401);
  expect(await statusOf("/v2/", "builder:host")).toBe(200);
});

/** Resolves when the registry logs its port. */
function listeningPort(): Promise<number> {
  let log = "";
  return new Promise((resolve, reject) => {
    registry.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const [, found] = /listening on 127\.0\.0\.1:(\d+), tls/.exec(log) ?? [];
      if (found !== undefined) resolve(Number(found));
    });
    registry.on("close", () => {
      reject(new Error(`the registry ended: ${log}`));
    });
  });
}

function statusOf(path: string, auth?: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, ca: authority, agent: false };
    const request = get({ ...options, ...(auth === undefined ? {} : { auth }) }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
  });
}
