import { expect, test } from "@jest/globals";
import { createMask } from "@molecule/core";
import { knownSecrets } from "./known-secrets.js";

test("the token is a secret", () => {
  expect(knownSecrets({ MOLECULE_GITEA_TOKEN: "t0ken" })).toEqual(["t0ken"]);
  expect(knownSecrets({ MOLECULE_GIT_TOKEN: "t0ken\n" })).toEqual(["t0ken\n", "t0ken"]);
  expect(knownSecrets({ MOLECULE_GITEA_TOKEN: "", OTHER: "x" })).toEqual([]);
});

test.each(["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"])(
  "the password in %s is a secret, as written and as sent",
  (name) => {
    for (const written of ["http://me:p%40ss%2Fword@proxy:8080", "me:p%40ss%2Fword@proxy"]) {
      const mask = createMask(knownSecrets({ [name]: written }));
      const sent = Buffer.from("me:p@ss/word").toString("base64");
      for (const text of ["is p%40ss%2Fword", "is p@ss/word", `Basic ${sent}`])
        expect(mask.text(text)).toContain("***");
    }
  },
);

test("an undecodable password is a secret as written, and a malformed proxy's password is one too", () => {
  expect(knownSecrets({ HTTP_PROXY: "http://me:100%@proxy" })).toContain("100%");
  expect(knownSecrets({ HTTP_PROXY: "ftp://me:hunter22@[x" })).toContain("hunter22");
});

test("tokens and proxy passwords are secrets, in each form they are written", () => {
  const env = {
    MOLECULE_GITEA_TOKEN: "tok-12345",
    HTTPS_PROXY: "http://u:p%40ss-word@p:1",
    http_proxy: "u:plain-word@p",
  };
  expect(new Set(knownSecrets(env))).toEqual(
    new Set(["tok-12345", "p%40ss-word", "p@ss-word", "plain-word"]),
  );
  expect(knownSecrets({ MOLECULE_GITEA_TOKEN: "" })).toEqual([]);
});
