import { expect, test } from "@jest/globals";
import { authHeader } from "./auth-header.js";
import { registryAuth } from "./registry-auth.js";
import { registryConfig } from "./registry-config.js";

// Measured on 20.10: a header without its padding is read as no credentials at all, without a word.
test.each(["a", "ab", "abc", "abcd"])(
  "the header of %j has its padding, and the alphabet of URLs",
  (password) => {
    const header = authHeader({ password, odd: "\u00ff\u00fe???>>>~~~" });
    expect(header).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, "base64url").toString("utf8"))).toMatchObject({ password });
  },
);

test("each registry's credentials stand under its own key, Docker Hub's under its old one", () => {
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

test("where there are none there is no header", () => {
  expect(registryConfig(new Map())).toEqual({});
  expect(registryAuth({ registry: "h:5000", credential: undefined })).toEqual({});
});
