import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

describe("molecule-image with a forge that is down", () => {
  let world: World;
  let engine: FakeEngine;
  beforeAll(async () => {
    engine = await startFakeEngine((_request, response) => response.end("{}"));
    world = await openWorld(noEngine);
    await world.forge.stop();
  });
  afterAll(async () => {
    await world.close();
    await engine.stop();
  });

  test("every command waits half a minute for it, reports it, and asks the engine only for the newest image", async () => {
    const env = { DOCKER_HOST: engine.address };
    // Together, because each waits.
    const check = async (command: string): Promise<void> => {
      const [{ status, stdout, stderr, durationMs }, { answer }] = await Promise.all([
        world.run([command, "hermes"], env),
        world.json([command, "hermes"], env),
      ]);
      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(durationMs).toBeGreaterThan(29_000);
      expect(stderr).toMatch(
        /hermes: retrying in [\d.]+ s: .* cannot be reached: connection refused \(ECONNREFUSED\)/,
      );
      expect(stderr).toContain("[SOURCE_UNREACHABLE]");
      expect(stderr).toContain(world.forge.baseUrl);
      expect(stderr).toMatch(/^ {2}hint: .+$/m);
      expect(answer.results?.[0]?.error).toMatchObject({
        code: "SOURCE_UNREACHABLE",
        source: "gitea-local-build",
        step: "resolve",
      });
    };
    await Promise.all(["ensure", "plan", "refresh"].map(check));
    // A refresh uses no image. Retries do not ask again.
    const newest = /^GET \/images\/molecule-local\/workspace-template-hermes%3Alatest[^/]*\/json$/;
    const asked = engine.requests.map(({ method, path }) => `${method} ${path}`);
    expect(asked).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(newest)));
  });

  test("Ctrl-C ends the wait immediately", async () => {
    const running = world.start(["ensure", "hermes"], { DOCKER_HOST: engine.address });
    await running.untilPrinted("retrying in");
    running.child.kill("SIGINT");
    const { status, durationMs } = await running.done;
    expect(status).toBe(130);
    expect(durationMs).toBeLessThan(25_000);
  });

  test("sends nothing to an untrusted server, and names the variable that adds a certificate", async () => {
    const received: string[] = [];
    const { key, cert, file } = await selfSigned(world);
    const server = createServer({ key, cert }, (request, response) => {
      received.push(JSON.stringify(request.headers));
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const env = {
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: `https://127.0.0.1:${String(port)}/acme/template-`,
      MOLECULE_GITEA_TOKEN: "tok-0123456789abcdef",
    };
    try {
      const { status, answer } = await world.json(["ensure", "hermes"], env);
      expect([status, answer.results?.[0]?.error]).toMatchObject([
        3,
        {
          code: "SOURCE_UNREACHABLE",
          message: expect.stringContaining("SELF_SIGNED_CERT") as unknown,
          hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") as unknown,
        },
      ]);
      expect(received).toEqual([]);
      await world.json(["ensure", "hermes"], { ...env, NODE_EXTRA_CA_CERTS: file });
      expect(received).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  test("rejects an invalid prefix with CONFIG_INVALID, without printing a possible password", async () => {
    const env = {
      MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: "https://user:pa55word@forge.example.com/acme/template-",
    };
    const { status, answer } = await world.json(["ensure", "hermes"], env);
    expect({ status, code: answer.results?.[0]?.error?.code }).toEqual({ status: 2, code: "CONFIG_INVALID" });
    expect(JSON.stringify(answer)).not.toContain("pa55word");
  });
});

async function selfSigned(world: World): Promise<{ key: string; cert: string; file: string }> {
  const [key, file] = [await world.write("key.pem", ""), await world.write("cert.pem", "")];
  const form = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=forge";
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  await promisify(execFile)("openssl", [...form.split(" "), ...names, "-keyout", key, "-out", file]);
  return { key: await readFile(key, "utf8"), cert: await readFile(file, "utf8"), file };
}
