import { expect, test } from "@jest/globals";
import { parsePlatform, type EngineDescription } from "@molecule/core";
import { checkBuildkit, checkEngine } from "./check-engine.js";

const engine = (more: Partial<EngineDescription>): EngineDescription => ({
  ...{ kind: "docker", address: "tcp://h:2375", version: "26.1.5", apiVersion: "1.45", buildkit: false },
  platform: parsePlatform("linux/amd64"),
  ...more,
});

test("warns about an engine on another machine without verified TLS", () => {
  expect(checkEngine(engine({}))).toEqual({
    ok: true,
    message: "Docker Engine 26.1.5, API 1.45, at tcp://h:2375",
    hint: "",
  });
  expect(checkEngine(engine({ isExposed: true }))).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringMatching(/ at tcp:\/\/h:2375, without verified TLS$/),
    hint: expect.stringContaining("DOCKER_TLS_VERIFY=1"),
  });
});

test("warns about a classic builder only if its cache can be poisoned", () => {
  expect(checkBuildkit(engine({ version: "20.10.24+dfsg1" }))).toMatchObject({
    ok: true,
    level: "warn",
    message: expect.stringContaining("CVE-2024-24557"),
    hint: expect.stringContaining("daemon.json"),
  });
  expect(checkBuildkit(engine({}))).toMatchObject({ ok: true, hint: "" });
  expect(checkBuildkit(engine({ buildkit: true, version: "20.10.24" }))).toMatchObject({
    ok: true,
    hint: "",
  });
  expect(checkBuildkit(engine({ kind: "podman" }))).toBeUndefined();
});
