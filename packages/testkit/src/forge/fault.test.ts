import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Forge } from "./forge.js";
import { startForge } from "./start-forge.js";

let forge: Forge;

beforeEach(async () => {
  forge = await startForge();
  await forge.addTemplate("hermes", { Dockerfile: "" });
});

afterEach(() => forge.stop());

function ask(init: RequestInit = {}): Promise<Response> {
  return fetch(
    `${forge.baseUrl}/api/v1/repos/molecule-ai/molecule-ai-workspace-template-hermes/branches/main`,
    init,
  );
}

describe("a fault", () => {
  test("replaces responses as often as planned, in the order of planning", async () => {
    forge.fault("api", { status: 503, body: "busy", headers: { "retry-after": "1" } }, { times: 2 });
    forge.fault("api", { status: 500 }, { times: 1 });
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 500, 200]);
    expect(answers[0]?.headers.get("retry-after")).toBe("1");
    expect(await answers[0]?.text()).toBe("busy");
  });

  test("sends a body in chunks without its length", async () => {
    forge.fault("api", { body: ["a", Buffer.from("b")], chunked: true });
    const response = await ask();
    expect(response.headers.get("content-length")).toBeNull();
    expect(await response.text()).toBe("ab");
  });

  test("sends a compressed body", async () => {
    forge.fault("api", { body: "x".repeat(100_000), gzip: true });
    const response = await ask();
    expect(Number(response.headers.get("content-length"))).toBeLessThan(1_000);
    expect(await response.text()).toHaveLength(100_000);
  });

  test("drips, without end", async () => {
    forge.fault("api", { drip: { everyMs: 5 } });
    const response = await ask();
    const parts: string[] = [];
    for await (const part of response.body ?? []) {
      parts.push(Buffer.from(part as Uint8Array).toString());
      if (parts.length === 3) break;
    }
    expect(parts.join("")).toMatch(/^ {3,}$/);
  });

  test("resets the connection", async () => {
    forge.fault("api", { reset: true });
    await expect(ask()).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  });

  test("never responds", async () => {
    forge.fault("api", { hang: true });
    await expect(ask({ signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
  });

  test("is a handler, which responds or lets the request through", async () => {
    let seen = 0;
    forge.fault(/branches/, (_request, response) => {
      seen += 1;
      if (seen > 1) return false;
      response.writeHead(418).end();
    });
    expect([(await ask()).status, (await ask()).status, seen]).toEqual([418, 200, 2]);
  });

  test("applies only to matching requests", async () => {
    forge.fault("git", { status: 500 });
    forge.fault(/branches\/other$/, { status: 500 });
    expect((await ask()).status).toBe(200);
  });
});
