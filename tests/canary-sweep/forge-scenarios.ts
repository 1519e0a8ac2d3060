import type { Fault } from "@molecule/testkit";
import { password, token, userinfo } from "./canaries.js";
import { twice, type Scenarios } from "./scenario.js";

const prefix = (value: string) => ({ MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX: value });
const says = `the token ${token}, as ${encodeURIComponent(token)}, as ${Buffer.from(token).toString("base64")}`;
const answering = (status: number): Fault => ({
  status,
  // A status that may pass is waited for, unless the server asks for longer than that.
  headers: { "content-type": "application/json", "x-token": token, "retry-after": "3600" },
  body: JSON.stringify({ message: says }),
});
const leadingTo = (host: string, status: number, path: string): Fault => ({
  status,
  headers: { location: `http://${host}${path}?t=${encodeURIComponent(token)}` },
});

/** What the forge does, and what is between the command and it. */
export const forgeScenarios: Scenarios = {
  "a forge that repeats the token": () =>
    [401, 403, 404, 418, 500, 200].flatMap((code) =>
      twice(["refresh", "hermes"]).flatMap((args) => [
        { args, status: 3, faults: [["api", answering(code)] as const] },
        { args, status: 3, faults: [["git", answering(code)] as const] },
      ]),
    ),
  "a redirect to another origin": ({ other }) =>
    [301, 307].flatMap((code) =>
      twice(["refresh", "hermes"]).flatMap((args) => [
        {
          args,
          status: 3,
          faults: [["api", leadingTo(other.host, code, "/api/v1/repos/a/b/branches/main")] as const],
        },
        { args, status: 3, faults: [["git", leadingTo(other.host, code, "/a/b.git/info/refs")] as const] },
      ]),
    ),
  "a cancellation while git fetches": () =>
    (["SIGINT", "SIGTERM"] as const).map((signal) => ({
      args: ["refresh", "hermes"],
      status: signal === "SIGINT" ? 130 : 143,
      faults: [["git", { hang: true }] as const],
      signal,
    })),
  "a repository prefix with a password, and one of another machine without TLS": ({ other }) =>
    [
      `http://${userinfo}@${other.host}/a/t-`,
      `http://canary:${password}@[/a`,
      "http://forge.invalid/a/t-",
    ].flatMap((value) => [
      ...twice(["ensure", "hermes"]).map((args) => ({ args, status: 2, env: prefix(value) })),
      ...twice(["config"]).map((args) => ({ args, status: 0, env: prefix(value) })),
    ]),
  "a proxy that refuses, and one that is not an HTTP proxy": () => [
    ...twice(["ensure", "hermes"]).map((args) => ({
      args,
      status: 3,
      env: prefix("https://forge.invalid/a/t-"),
    })),
    ...twice(["ensure", "hermes"]).map((args) => ({
      args,
      status: 2,
      env: { ...prefix("https://forge.invalid/a/t-"), HTTPS_PROXY: `ftp://canary:${password}@x` },
    })),
  ],
};
