import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

const token = "tok-0123456789abcdef";
const forms = ["", ":", "x-access-token:", "token ", "  "].map((before) =>
  Buffer.from(before + token)
    .toString("base64")
    .replace(/=+$/, ""),
);
let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
  world.forge.requireToken(token);
  await world.forge.addTemplate("hermes", helloTemplate());
});
afterAll(() => world.close());

test.each([
  ["NODE_DEBUG", "http,https,net,tls,child_process", /^HTTP \d+: /m],
  ["NODE_DEBUG", "*", /^HTTP \d+: /m],
  ["DEBUG", "*", undefined],
])("prints no token with %s=%s", async (name, value, printed) => {
  const { status, stderr, stdout } = await world.run(["ensure", "hermes", "--log-level", "debug"], {
    MOLECULE_GITEA_TOKEN: token,
    [name]: value,
  });

  expect(status).toBe(4);
  expect(world.forge.apiRequests().at(-1)?.headers.authorization).toBe(`token ${token}`);
  if (printed !== undefined) {
    expect(stderr).toMatch(printed);
    expect(stderr).toContain("token ***");
  }
  for (const form of [token, ...forms]) expect(stderr + stdout).not.toContain(form);
});
