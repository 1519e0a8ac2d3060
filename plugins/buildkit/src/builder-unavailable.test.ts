import { expect, test } from "@jest/globals";
import { builderUnavailable } from "./builder-unavailable.js";

const handshake =
  'failed to list workers: Unavailable: connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: ';

// Measured with buildctl 0.34.2. The tests with real builders cover the other texts.
test.each([
  [
    `${handshake}x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is after 2021-01-01T00:00:00Z"`,
    "Renew the builder's certificate",
  ],
  [
    `${handshake}x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"`,
    "`tls.serverName`",
  ],
  [
    "failed to list workers: Unavailable: write tcp 127.0.0.1:2->127.0.0.1:1: write: broken pipe",
    "`tls.cert` and `tls.key`",
  ],
  [
    'failed to list workers: Unavailable: connection error: desc = "error reading server preface: read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by peer"',
    "`tls.cert` and `tls.key`",
  ],
  [
    'failed to list workers: Unavailable: connection error: desc = "error reading server preface: remote error: tls: unknown certificate authority"',
    "`tls.cert` and `tls.key`",
  ],
  [
    'failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
    "Start buildkitd",
  ],
  ["no response for 10 s", "Start buildkitd"],
])("%s", (text, hint) => {
  const { message, ...error } = builderUnavailable("tcp://127.0.0.1:1", text, { ca: "/ca.pem" });
  expect(error).toMatchObject({ code: "ENGINE_UNAVAILABLE", hint: expect.stringContaining(hint) });
  expect(message).toMatch(/^the BuildKit builder at tcp:\/\/127\.0\.0\.1:1 cannot be reached: /);
  expect(message).not.toMatch(/desc =|failed to list|Unavailable|"$/);
});

test("a closed connection of a socket is not one of TLS", () => {
  const { hint } = builderUnavailable(
    "unix:///b.sock",
    "failed to list workers: Unavailable: error reading from server: EOF",
  );
  expect(hint).toContain("Start buildkitd");
});

test("reports the last line that a command printed, and how to repeat it", () => {
  const text = String.raw`failed to list workers: Unavailable: connection error: desc = "error reading server preface: command [kubectl --namespace=ci exec -i pod -- buildctl dial-stdio] has exited with exit status 1, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=E1130 memcache.go:265] \"Unhandled Error\"\nThe connection to the server was refused\n"`;
  const { message, hint } = builderUnavailable("kube-pod://pod", text);
  expect(message).toBe(
    "the BuildKit builder at kube-pod://pod cannot be reached: The connection to the server was refused",
  );
  expect(hint).toContain("`kubectl --namespace=ci exec -i pod -- buildctl debug workers`");
});
