import { expect, test } from "@jest/globals";
import { authHeader } from "./auth-header.js";
import { registryAuth } from "./registry-auth.js";
import { registryConfig } from "./registry-config.js";

// Measured on 20.10: a header without padding is silently treated as no credentials.
test.each(["a", "ab", "abc", "abcd"])("the header of %j is padded and URL-safe", (password) => {
  const header = authHeader({ password, odd: "\u00ff\u00fe???>>>~~~" });
  expect(header).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
  expect(header.length % 4).toBe(0);
  expect(JSON.parse(Buffer.from(header, "base64url").toString("utf8"))).toMatchObject({ password });
});

test("keys each registry's credentials by host, and Docker Hub's by its legacy URL", () => {
  const header = registryConfig(
    new Map([
      ["docker.io", { from: "a test", identityToken: "token" }],
      ["h:5000", { from: "a test", username: "me", password: "secret" }],
    ]),
  );
  expect(JSON.parse(Buffer.from(header["x-registry-config"] ?? "", "base64url").toString("utf8"))).toEqual({
    "https://index.docker.io/v1/": { identitytoken: "token" },
    "h:5000": { username: "me", password: "secret" },
  });
});

test("returns no header without credentials", () => {
  expect(registryConfig(new Map())).toEqual({});
  expect(registryAuth({ registry: "h:5000", credential: undefined })).toEqual({});
});
