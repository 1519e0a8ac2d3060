import { describe, expect, test } from "@jest/globals";
import { startRegistry } from "./start-registry.js";
import { startTokenServer } from "./start-token-server.js";

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

  test("accepts clients with the password", async () => {
    const registry = await startRegistry({ htpasswd: { user: "reader", password: "its-password" } });
    const url = `http://${registry.host}/v2/`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, basic("reader", "another"))).status).toBe(401);
    expect((await fetch(url, basic("reader", "its-password"))).status).toBe(200);
    await registry.stop();
  });

  test("reports why it does not start", async () => {
    const first = await startRegistry();
    const port = Number(first.host.split(":")[1]);
    const second = startRegistry({ port });
    await expect(second).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
    await expect(second).rejects.toHaveProperty("output", expect.stringContaining("address already in use"));
    await first.stop();
  });
});

describe("a registry with a token server", () => {
  test("accepts clients that the token server accepts", async () => {
    const tokens = await startTokenServer();
    const registry = await startRegistry({ tokens });
    tokens.setPassword("reader", "its-password");
    tokens.setIdentityToken("an-identity-token");
    const asked = await fetch(`http://${registry.host}/v2/a/tags/list`);
    expect(asked.status).toBe(401);
    const challenge = asked.headers.get("www-authenticate") ?? "";
    const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    expect(part("realm")).toBe(tokens.realm);
    const query = new URLSearchParams({ service: part("service"), scope: "repository:a:pull" });
    const url = `${tokens.realm}?${query.toString()}`;
    const tokenOf = async (answer: Response): Promise<string> =>
      ((await answer.json()) as { readonly token: string }).token;
    const status = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`http://${registry.host}/v2/a/tags/list`, { headers })).status;
    };
    expect((await fetch(url, basic("reader", "another"))).status).toBe(401);
    // 404: access is granted, and there is nothing.
    expect(await status(await tokenOf(await fetch(url, basic("reader", "its-password"))))).toBe(404);
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "an-identity-token" });
    for (const [name, value] of query) form.set(name, value);
    expect(await status(await tokenOf(await fetch(tokens.realm, { method: "POST", body: form })))).toBe(404);
    tokens.setPassword("reader", "the-next-one");
    expect((await fetch(url, basic("reader", "its-password"))).status).toBe(401);
    expect(await status("no-token")).toBe(401);
    await registry.stop();
    await tokens.stop();
  });

  test("requires a new token once the old one has expired", async () => {
    // Registries accept a token for a minute after it expires.
    const tokens = await startTokenServer({ lifeSeconds: -61 });
    const registry = await startRegistry({ tokens });
    tokens.setPassword("reader", "its-password");
    const answer = await fetch(
      `${tokens.realm}?scope=repository:a:pull&service=molecule-registry`,
      basic("reader", "its-password"),
    );
    const { token } = (await answer.json()) as { readonly token: string };
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`http://${registry.host}/v2/a/tags/list`, { headers })).status).toBe(401);
    await registry.stop();
    await tokens.stop();
  });
});
