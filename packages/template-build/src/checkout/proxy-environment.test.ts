import { expect, test } from "@jest/globals";
import { proxyEnvironment } from "./proxy-environment.js";

test("proxies come in lower case, the lower case variable first, and empty ones count as unset", () => {
  expect(
    proxyEnvironment({ HTTP_PROXY: "http://p:1", HTTPS_PROXY: "http://p:2", https_proxy: "http://p:3" }),
  ).toMatchObject({
    http_proxy: "http://p:1",
    https_proxy: "http://p:3",
  });
  expect(Object.keys(proxyEnvironment({ HTTP_PROXY: "" }))).toEqual(["no_proxy"]);
});

test("loopback is never proxied", () => {
  expect(proxyEnvironment({}).no_proxy).toContain("127.0.0.1");
  expect(proxyEnvironment({ NO_PROXY: "a.example" }).no_proxy).toMatch(/^a\.example,localhost,/);
  expect(proxyEnvironment({ no_proxy: "*" }).no_proxy).toBe("*");
});
