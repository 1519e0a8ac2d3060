import { spawn } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { temporaryDirectory, type TemporaryDirectory } from "../files/temporary-directory.js";

/*
 * The built package under Node's own runner. It depends only on core; importing nock, which
 * only `@molecule/testkit/http-mocks` needs, fails here.
 */

const testkit = fileURLToPath(new URL("../..", import.meta.url));
const villains = join(testkit, "dist", "conformance", "villains");

const suite = `
import { test } from "node:test";
import { imageSourceSuite } from "@molecule/testkit";
import { referencePlugin } from "${villains}/reference-plugin.js";
import { referenceUpstream } from "${villains}/reference-upstream.js";
import { usesOneReference } from "${villains}/uses-one-reference.js";

const source = process.env.VILLAIN === "1" ? usesOneReference : referencePlugin;
imageSourceSuite({ test, source, upstream: referenceUpstream });
`;

/** Rejects imports of packages that the suite must not need. */
const refusing = `
export const resolve = (specifier, context, next) => {
  if (/^(nock|jest|@jest\\/.*)$/.test(specifier)) throw new Error("imports " + specifier);
  return next(specifier, context);
};
`;

let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const modules = join(directory.path, "node_modules");
  await mkdir(join(modules, "@molecule"), { recursive: true });
  await symlink(testkit, join(modules, "@molecule", "testkit"));
  await writeFile(join(directory.path, "source.test.mjs"), suite);
  await writeFile(join(directory.path, "refusing.mjs"), refusing);
  const registering = `import { register } from "node:module"; register("./refusing.mjs", import.meta.url);`;
  await writeFile(join(directory.path, "register.mjs"), registering);
});

afterAll(() => directory.remove());

async function runNodeTest(
  env: Readonly<Record<string, string>>,
): Promise<{ status: unknown; output: string }> {
  const child = spawn(
    process.execPath,
    ["--import=./register.mjs", "--test", "--test-reporter=tap", "source.test.mjs"],
    {
      cwd: directory.path,
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  const output = await text(child.stdout);
  return { status: await ended, output };
}

test("the suite runs under node:test from the built package", async () => {
  const { status, output } = await runNodeTest({});

  expect(output).not.toMatch(/^ *not ok/m);
  expect(output).toMatch(/^# pass 4\d$/m);
  expect(status).toBe(0);
}, 120_000);

test("the suite fails under node:test for a source that breaks a law", async () => {
  const { status, output } = await runNodeTest({ VILLAIN: "1" });

  expect(output).toMatch(/^ *not ok \d+ - Following upstream: the reference changes with the revision$/m);
  expect(status).toBe(1);
}, 120_000);
