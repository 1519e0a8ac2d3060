import { once } from "node:events";
import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { ContainerEngine, ContainerFiles } from "@molecule/core";
import { startFakeEngine, type FakeEngine } from "@molecule/testkit";
import { connectEngine, type ConnectionOptions, type EngineConnection } from "./engine-connection.js";
import { engineAt } from "./faulty-engine.test.support.js";
import { EngineRefusal } from "./engine-errors.js";
import { findEngineEndpoint } from "./find-engine-endpoint.js";

let fake: FakeEngine | undefined;
let engine: ContainerEngine | undefined;
afterEach(async () => {
  await engine?.close();
  await fake?.stop();
});

async function connected(handler: RequestListener, options: ConnectionOptions): Promise<EngineConnection> {
  fake = await startFakeEngine(handler);
  const env = { DOCKER_HOST: fake.address };
  return connectEngine(await findEngineEndpoint({ env, home: "/nonexistent" }), options);
}

const upload = { method: "PUT", path: "/containers/x/archive" } as const;

describe("an upload", () => {
  test("may take longer than the idle timeout while the engine reads it", async () => {
    const connection = await connected(
      (request, response) => {
        request.on("data", () => {
          request.pause();
          setTimeout(() => request.resume(), 40);
        });
        request.on("end", () => response.end());
      },
      { silenceMs: 400 },
    );
    // More than sockets and streams buffer, so that the engine's pace counts.
    const stream = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024)));
    const began = performance.now();
    await expect(connection.ask({ ...upload, stream })).resolves.toBeUndefined();
    expect(performance.now() - began).toBeGreaterThan(800);
  });

  test("is ended by the idle timeout when the engine stops reading", async () => {
    const connection = await connected(() => undefined, { silenceMs: 300 });
    const stream = Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024)));
    await expect(connection.ask({ ...upload, stream })).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  });

  test("rejects with the failure of what is sent", async () => {
    const connection = await connected((request) => request.resume(), {});
    const broken = new Error("no more of it");
    const parts = (function* () {
      yield "some";
      throw broken;
    })();
    await expect(connection.ask({ ...upload, stream: Readable.from(parts) })).rejects.toBe(broken);
  });
});

describe("an engine whose responses stay open", () => {
  let ended: Promise<unknown>[];

  async function following(): Promise<ContainerEngine> {
    ended = [];
    fake = await startFakeEngine(({ url = "" }, response) => {
      if (url.includes("/json")) response.end('{"Config":{},"State":{"Status":"running"}}');
      else {
        response.writeHead(200).flushHeaders();
        ended.push(once(response, "close"));
      }
    });
    return (engine = engineAt(fake.address));
  }

  test("ends waits and logs with CANCELLED when it is closed", async () => {
    const open = await following();
    const waiting = open.waitContainer("abc");
    const { stdout, stderr } = await open.openContainerLogs("abc", { follow: true });
    const reading = [stdout, stderr].map(async (stream) => stream.toArray());
    while (ended.length < 2) await sleep(5);
    await open.close();
    for (const pending of [waiting, ...reading])
      await expect(pending).rejects.toMatchObject({ code: "CANCELLED" });
    await Promise.all(ended);
  });

  test("reports a refusal as one if it is used again", async () => {
    const connection = await connected((_request, response) => response.writeHead(404).end("{}"), {});
    connection.close();
    await expect(connection.ask({ method: "GET", path: "/images/x/json" })).rejects.toBeInstanceOf(
      EngineRefusal,
    );
  });

  test("ends the request for a log when both of its streams are destroyed", async () => {
    const { stdout, stderr } = await (await following()).openContainerLogs("abc", { follow: true });
    stdout.destroy();
    stderr.destroy();
    await Promise.all(ended);
  });
});

test.each([7, null, { content: new Date() }, {}, []])(
  "content of a file that is neither text nor bytes is a TypeError: %j",
  async (file) => {
    engine = engineAt("unix:///nonexistent.sock");
    const files = { "/a": "fine", "/b": file } as unknown as ContainerFiles;
    const copied = engine.copyIntoContainer("abc", files);
    await expect(copied).rejects.toThrow(new TypeError("the content of /b must be a string or a Uint8Array"));
  },
);
