import { describe, expect, test } from "@jest/globals";
import { isImageSourceError, parseRuntimeName } from "@molecule/core";
import { authorizationFor as authorizationOf, tokenFor } from "./forge-token.js";
import { repositoryOf, type TemplateRepository } from "../options/template-repository.js";

const token = "s3cret-t0ken-for-tests";
const parseRepoPrefix = (repoPrefix: string): TemplateRepository =>
  repositoryOf(parseRuntimeName("hermes"), { repoPrefix, repo: undefined, forge: "gitea" });
const authorizationFor = (
  repository: TemplateRepository,
  value: string | undefined,
): ReturnType<typeof authorizationOf> =>
  authorizationOf(repository, tokenFor("gitea", { MOLECULE_GITEA_TOKEN: value }));
const secure = parseRepoPrefix("https://git.example.com/acme/t-");

test("sends the token to the API in Gitea's form, to git as a Basic password", () => {
  const authorization = authorizationFor(secure, token);
  expect(authorization?.api).toBe(`token ${token}`);
  const [scheme, encoded = ""] = authorization?.git.split(" ") ?? [];
  expect(scheme).toBe("Basic");
  expect(Buffer.from(encoded, "base64").toString()).toBe(`x-access-token:${token}`);
});

test.each([undefined, ""])("sends nothing without a token (%j)", (none) => {
  expect(authorizationFor(secure, none)).toBeUndefined();
  expect(authorizationFor(parseRepoPrefix("http://git.example.com/acme/t-"), none)).toBeUndefined();
});

describe("rejects an invalid token without showing it", () => {
  test.each([
    "short77",
    "with a blank",
    "newline-at-the-end\n",
    "two\r\nlines-of-it",
    "tab\tinside",
    "nicht-ascii-ä",
    "nul\0inside",
  ])("%j", (bad) => {
    let refusal: unknown;
    try {
      authorizationFor(secure, bad);
    } catch (error) {
      refusal = error;
    }
    if (!isImageSourceError(refusal)) throw new Error("it was accepted");
    expect(refusal.code).toBe("CONFIG_INVALID");
    expect(refusal.message).toContain("MOLECULE_GITEA_TOKEN");
    expect(refusal.message + refusal.hint).not.toContain(bad);
    if (bad.endsWith("\n")) expect(refusal.message).toContain("line break");
  });
});

test("accepts eight characters", () => {
  expect(authorizationFor(secure, "12345678")?.api).toBe("token 12345678");
});

test.each([
  "http://git.example.com/acme/t-",
  "http://10.0.0.1/acme/t-",
  "http://localhost.example.com/acme/t-",
])("never sends the token over a network in clear text: %s", (prefix) => {
  expect(() => authorizationFor(parseRepoPrefix(prefix), token)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.not.stringContaining(token) }),
  );
});

test.each(["http://127.0.0.1:3000/acme/t-", "http://localhost/acme/t-", "http://[::1]/acme/t-"])(
  "accepts plain http on this machine: %s",
  (prefix) => {
    expect(authorizationFor(parseRepoPrefix(prefix), token)?.api).toBe(`token ${token}`);
  },
);
