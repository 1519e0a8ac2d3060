import { expect, test } from "@jest/globals";
import { parseListenAddress } from "./listen-address.js";

test.each([
  ["9464", "127.0.0.1", 9464],
  ["0", "127.0.0.1", 0],
  ["0.0.0.0:9464", "0.0.0.0", 9464],
  ["localhost:80", "localhost", 80],
  ["[::1]:9464", "::1", 9464],
])("%j is %s, port %i", (written, host, port) => {
  expect(parseListenAddress("--metrics", written, 9464)).toEqual({ host, port });
});

test.each(["", ":9464", "host", "host:", "65536", "::1:9464", "http://host:1", "a b:1", "user@host:1", "-1"])(
  "%j is refused, with the syntax",
  (written) => {
    const parse = (): unknown => parseListenAddress("--webhook", written, 8088);
    expect(parse).toThrow(
      expect.objectContaining({
        code: "USAGE",
        hint: "Write --webhook PORT or --webhook HOST:PORT, such as 8088 or 0.0.0.0:8088.",
      }),
    );
  },
);
