import { describe, expect, test } from "@jest/globals";
import { startRegistry } from "./start-registry.js";

function basic(user: string, password: string): RequestInit {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` } };
}

describe("a registry", () => {
  test("takes uploads and serves them until it is stopped", async () => {
    const registry = await startRegistry();
    const url = `http://${registry.host}/v2`;
    const upload = await fetch(`${url}/a/blobs/uploads/`, { method: "POST" });
    expect(upload.status).toBe(202);
    const digest = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    const place = new URL(upload.headers.get("location") ?? "");
    place.searchParams.set("digest", digest);
    const put = await fetch(place, {
      method: "PUT",
      body: "x",
      headers: { "content-type": "application/octet-stream" },
    });
    expect(put.status).toBe(201);
    expect(await (await fetch(`${url}/a/blobs/${digest}`)).text()).toBe("x");
    await registry.stop();
    await registry.stop();
    await expect(fetch(`${url}/`)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  });

  test("lets in who knows the password", async () => {
    const registry = await startRegistry({ htpasswd: { user: "reader", password: "its-password" } });
    const url = `http://${registry.host}/v2/`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, basic("reader", "another"))).status).toBe(401);
    expect((await fetch(url, basic("reader", "its-password"))).status).toBe(200);
    await registry.stop();
  });

  test("says why it does not come up", async () => {
    const first = await startRegistry();
    const port = Number(first.host.split(":")[1]);
    const second = startRegistry({ port });
    await expect(second).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await expect(second).rejects.toHaveProperty("output", expect.stringContaining("address already in use"));
    await first.stop();
  });
});
