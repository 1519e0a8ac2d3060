import { expect, test } from "@jest/globals";
import { envProxy } from "./env-proxy.js";
import { knownSecrets } from "./known-secrets.js";

const both = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "tls:2" };

test.each<[url: string, env: Record<string, string>, proxy: string | undefined]>([
  ["http://a.example/", both, "http://plain:1"],
  ["https://a.example/", both, "http://tls:2"],
  ["https://a.example/", { HTTP_PROXY: "http://plain:1" }, undefined],
  ["http://a.example/", { http_proxy: "http://lower:3", HTTP_PROXY: "http://upper:4" }, "http://lower:3"],
  ["http://a.example/", { http_proxy: "", HTTP_PROXY: "http://upper:4" }, "http://upper:4"],
  ["http://localhost:8/", both, undefined],
  ["http://x.localhost/", both, undefined],
  ["https://127.9.9.9/", both, undefined],
  ["http://[::1]:3000/", both, undefined],
  ["http://a.example/", { ...both, NO_PROXY: "*" }, undefined],
  ["http://a.example/", { ...both, NO_PROXY: "b.example, a.example" }, undefined],
  ["http://x.a.example/", { ...both, NO_PROXY: "a.example" }, undefined],
  ["http://x.a.example/", { ...both, NO_PROXY: ".A.example" }, undefined],
  ["http://x.a.example/", { ...both, NO_PROXY: "*.a.example" }, undefined],
  ["http://xa.example/", { ...both, NO_PROXY: "a.example" }, "http://plain:1"],
  ["http://a.example:81/", { ...both, NO_PROXY: "a.example:80" }, "http://plain:1"],
  ["http://a.example/", { ...both, NO_PROXY: "a.example:80" }, undefined],
  ["http://10.1.2.3/", { ...both, no_proxy: "10.0.0.0/8" }, undefined],
  ["http://11.1.2.3/", { ...both, no_proxy: "10.0.0.0/8,10.0.0.0/99,x/8" }, "http://plain:1"],
  ["http://110.1.2.3/", { ...both, no_proxy: "0.1.2.3" }, "http://plain:1"],
  ["http://[fd00::1]/", { ...both, no_proxy: "fd00::1" }, undefined],
  ["http://[fd00::1]:8/", { ...both, no_proxy: "[fd00::1]:8" }, undefined],
])("%s with %j goes through %s", (url, env, proxy) => {
  expect(envProxy(env, new URL(url))?.href).toBe(proxy && new URL(proxy).href);
});

test.each(["socks5://s:1", "http://", "::"])(
  "%s is no proxy that is served; its password is not shown",
  (written) => {
    const env = { HTTPS_PROXY: written.replace("//", "//u:hunter22@") };
    const refused = expect(() => envProxy(env, new URL("https://a.example/")));
    refused.toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    refused.not.toThrow("hunter22");
  },
);

test("tokens and passwords of proxies are secrets, in each form they are written", () => {
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
