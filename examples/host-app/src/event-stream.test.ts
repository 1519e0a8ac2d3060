import "reflect-metadata";
import { expect, test } from "@jest/globals";
import { startScriptedApp } from "./scripted-app.test.support.js";

test("sends the whole history to a client that connects late, even if it is longer than a socket's buffer", async () => {
  const app = await startScriptedApp();
  try {
    const headers = { "content-type": "application/json" };
    await fetch(`${app.url}/workspaces`, { method: "POST", headers, body: '{"runtime":"hermes"}' });
    const [start] = app.starts;
    for (let line = 0; line < 200; line++) start?.progress({ type: "output", line: "x".repeat(2000) });
    start?.print("ready");
    start?.run();
    expect(await (await fetch(`${app.url}/workspaces`)).text()).toContain("running");

    const leave = new AbortController();
    const response = await fetch(`${app.url}/events`, { signal: leave.signal });
    const decoder = new TextDecoder();
    let received = "";
    for await (const chunk of response.body ?? []) {
      received += decoder.decode(chunk as Uint8Array, { stream: true });
      if (received.includes('"text":"ready"')) break;
    }
    leave.abort();
    expect(received.split("event: progress")).toHaveLength(201);
  } finally {
    await app.stop();
  }
});
