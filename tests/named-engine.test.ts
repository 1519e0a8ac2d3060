import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let fake: FakeEngine | undefined;
afterEach(() => fake?.stop());

/** Returns what a run's setup prints when the named engine sends these headers. */
async function setUp(headers: Readonly<Record<string, string>>): Promise<string> {
  fake = await startFakeEngine((_request, response) => response.writeHead(200, headers).end("OK"));
  const script = `
    const { default: setUp } = await import("./tests/support/global-setup.mjs");
    await setUp({ maxWorkers: 1 }).then(() => console.log("ready"), (error) => console.log(error.message));`;
  const env = { ...process.env, MOLECULE_TEST_ENGINE: fake.address };
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  return stdout.trim();
}

test("a named Docker engine serves the run", async () => {
  expect(await setUp({ server: "Docker/28.5.2 (linux)" })).toBe("ready");
});

test("rejects Podman: the engine suites require Docker", async () => {
  const said = await setUp({ server: "Libpod/5.4.2 (linux)" });
  expect(said).toContain("MOLECULE_TEST_ENGINE names a Podman");
});
