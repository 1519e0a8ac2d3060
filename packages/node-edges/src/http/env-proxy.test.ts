import { expect, test } from "@jest/globals";
import { envProxy } from "./env-proxy.js";

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
  ["http://[fd00::1]/", { ...both, no_proxy: "fd00::/8" }, undefined],
  ["http://127.0.0.2/", both, undefined],
  ["https://localhost./", both, undefined],
  ["http://[::ffff:127.0.0.1]/", both, undefined],
  ["http://127.0.0.1.example.com/", both, "http://plain:1"],
  ["http://x.a.test/", { ...both, NO_PROXY: "*.a.test" }, undefined],
  ["http://a.test/", { ...both, NO_PROXY: "*.a.test" }, undefined],
  ["http://a.test./", { ...both, NO_PROXY: "a.test" }, undefined],
  ["http://a.test/", { ...both, NO_PROXY: "a.test." }, undefined],
  ["http://a.test/", { ...both, NO_PROXY: "*, localhost" }, undefined],
  ["http://a.test/", { ...both, NO_PROXY: "localhost\t*\n" }, undefined],
  ["http://10.1.2.3/", { ...both, NO_PROXY: "0.0.0.0/0" }, undefined],
  ["http://a.test/", { ...both, NO_PROXY: "0.0.0.0/0" }, "http://plain:1"],
  ["http://[::ffff:10.1.2.3]/", { ...both, NO_PROXY: "10.0.0.0/8" }, undefined],
  ["http://xn--bcher-kva.test/", { ...both, NO_PROXY: "Bücher.test" }, undefined],
  ["https://a.test/", { ...both, NO_PROXY: "a.test:443" }, undefined],
  ["http://a.test/", { ...both, no_proxy: "", NO_PROXY: "a.test" }, undefined],
  ["http://a.test/", { ...both, no_proxy: "b.test", NO_PROXY: "a.test" }, "http://plain:1"],
  ["http://a.test/", { HTTP_PROXY: " http://plain:1/\r\n" }, "http://plain:1"],
  ["http://a.test/", { HTTP_PROXY: " \n" }, undefined],
  ["http://a.test/", { HTTP_PROXY: "HTTP://Plain" }, "http://plain:80"],
  ["http://a.test/", { HTTP_PROXY: "https://plain" }, "https://plain:443"],
  ["http://a.test/", { HTTP_PROXY: "http://[::1]:3128" }, "http://[::1]:3128"],
  ["http://a.test/", { HTTP_PROXY: "http://plain:1", REQUEST_METHOD: "GET" }, undefined],
  ["http://a.test/", { http_proxy: "http://plain:1", REQUEST_METHOD: "GET" }, "http://plain:1"],
  ["http://a.test/", { ALL_PROXY: "http://plain:1" }, undefined],
])("%s with %j goes through %s", (url, env, proxy) => {
  expect(envProxy(env, new URL(url))?.href).toBe(proxy);
});

const target = new URL("https://a.example/");

test.each([
  ["http://user:p%40ss@p:1", "user", "p@ss", "http://user:p%40ss@p:1"],
  ["user:50%off@p:1", "user", "50%off", "http://user:50%25off@p:1"],
  ["http://user@p:1", "user", "", "http://user:@p:1"],
  ["http://us%3Aer:@p:1", "us:er", "", "http://us%3Aer:@p:1"],
  ["http://user:p@ss@p:1", "user", "p@ss", "http://user:p%40ss@p:1"],
])("%s names a user; git gets a URL that it cannot misread", (written, username, password, href) => {
  expect(envProxy({ HTTPS_PROXY: written }, target)).toMatchObject({
    credentials: { username, password },
    href,
    shown: "http://***@p:1",
  });
});

test.each([
  ["socks5://u:hunter22@s:1", "not socks5"],
  ["http://u:hunter22@", "not a URL"],
  ["u:hunter22@::", "not a URL"],
  ["http://u:hunter22/@p:1", "%2F"],
  ["http://u:12/hunter22@p:1", "%2F"],
  ["http://u:hunter22?x@p:1", "%3F"],
  ["http://u:12#hunter22@p:1", "%23"],
  ["http://u:hunter22@p\nq:1", "line break"],
])("rejects %j, naming the variable but not the password", (written, why) => {
  const refused = expect(() => envProxy({ HTTPS_PROXY: written }, target));
  refused.toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  refused.toThrow("HTTPS_PROXY");
  refused.toThrow(why);
  refused.not.toThrow("hunter22");
});
