import { expect, test } from "@jest/globals";
import { proxyVariables } from "./proxy-variables.js";

test("proxies come in lower case, complete, the lower case variable first, and empty ones count as unset", () => {
  expect(
    proxyVariables({ HTTP_PROXY: "p:1\n", HTTPS_PROXY: "http://p:2", https_proxy: "http://u:50%@p:3" }),
  ).toMatchObject({ http_proxy: "http://p:1", https_proxy: "http://u:50%25@p:3" });
  expect(Object.keys(proxyVariables({ HTTP_PROXY: "" }))).toEqual(["no_proxy"]);
});

test("exceptions are separated as buildah reads them, and loopback is one", () => {
  expect(proxyVariables({}).no_proxy).toContain("127.0.0.0/8");
  expect(proxyVariables({ NO_PROXY: "a.example b.example:81" }).no_proxy).toMatch(
    /^a\.example,b\.example:81,localhost,/,
  );
});
