import { expect, test } from "@jest/globals";
import { proxyVariables } from "./proxy-variables.js";

test("returns complete lower-case variables, prefers lower-case ones, and treats empty ones as unset", () => {
  expect(
    proxyVariables({ HTTP_PROXY: "p:1\n", HTTPS_PROXY: "http://p:2", https_proxy: "http://u:50%@p:3" }),
  ).toMatchObject({ http_proxy: "http://p:1", https_proxy: "http://u:50%25@p:3" });
  expect(Object.keys(proxyVariables({ HTTP_PROXY: "" }))).toEqual(["no_proxy"]);
});

test("separates exceptions with commas, and adds loopback", () => {
  expect(proxyVariables({}).no_proxy).toContain("127.0.0.0/8");
  expect(proxyVariables({ NO_PROXY: "a.example b.example:81" }).no_proxy).toMatch(
    /^a\.example,b\.example:81,localhost,/,
  );
});
