import { afterEach, describe, expect, test } from "@jest/globals";
import { openHttpMocks, type HttpMocks } from "./http-mocks.js";
import { startForge } from "./forge/start-forge.js";

let mocks: HttpMocks | undefined;

afterEach(() => {
  try {
    mocks?.close();
  } catch {
    // The test has checked it.
  }
});

describe("HTTP mocks", () => {
  test("return the planned responses, and close without error when all were used", async () => {
    mocks = await openHttpMocks();
    mocks.on("https://forge.example").get("/a").reply(200, { b: 1 });
    expect(await (await fetch("https://forge.example/a")).json()).toEqual({ b: 1 });
    mocks.close();
  });

  test("report a mock that was not used", async () => {
    mocks = await openHttpMocks();
    mocks.on("https://forge.example").get("/a").reply(200);
    expect(() => mocks?.close()).toThrow("not used: GET https://forge.example:443/a");
  });

  test.each(["https://other.example/x", "https://forge.example/other"])(
    "report a request to %s",
    async (url) => {
      mocks = await openHttpMocks();
      mocks.on("https://forge.example").get("/a").reply(200);
      await fetch("https://forge.example/a");
      await expect(fetch(url)).rejects.toThrow();
      expect(() => mocks?.close()).toThrow(new RegExp(`match no mock: GET https://${new URL(url).host}`));
    },
  );

  test("let requests to allowed hosts out, and every request once closed", async () => {
    const forge = await startForge();
    mocks = await openHttpMocks({ allow: [new URL(forge.baseUrl).host] });
    expect((await fetch(`${forge.baseUrl}/x`)).status).toBe(404);
    mocks.close();
    mocks = await openHttpMocks();
    await expect(fetch(`${forge.baseUrl}/x`)).rejects.toThrow();
    expect(() => mocks?.close()).toThrow("match no mock");
    expect((await fetch(`${forge.baseUrl}/x`)).status).toBe(404);
    expect(forge.requests).toHaveLength(2);
    await forge.stop();
  });

  test("cannot be opened twice", async () => {
    mocks = await openHttpMocks();
    await expect(openHttpMocks()).rejects.toThrow(TypeError);
    mocks.close();
  });
});
