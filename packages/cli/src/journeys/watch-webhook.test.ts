import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World;
beforeEach(async () => {
  world = await openWorld(noEngine);
});
afterEach(() => world.close());

const MOLECULE_WEBHOOK_SECRET = "0123456789abcdef";

test.each([
  ["no secret", {}, "--webhook needs a secret, and MOLECULE_WEBHOOK_SECRET is not set"],
  [
    "a short secret",
    { MOLECULE_WEBHOOK_SECRET: "short" },
    "MOLECULE_WEBHOOK_SECRET has fewer than 8 characters",
  ],
  [
    "a registry",
    { MOLECULE_WEBHOOK_SECRET, MOLECULE_IMAGE_REGISTRY: "127.0.0.1:1/acme" },
    "--webhook has no effect: registry-pull builds none of these runtimes from a branch",
  ],
])("%s is refused before anything is contacted", async (_what, env, message) => {
  const { status, answer } = await world.json(["watch", "hermes", "--webhook", "0"], env);
  expect({ status, error: answer.error }).toMatchObject({ status: 2, error: { code: "USAGE", message } });
  expect(world.forge.requests).toEqual([]);
});

test("/health reports a failing runtime, beside the metrics too", async () => {
  // Its forge has no template.
  const watch = world.start(["watch", "hermes", "--metrics", "0", "--webhook", "0", "--log-level", "info"], {
    MOLECULE_WEBHOOK_SECRET,
  });
  await watch.untilPrinted("SOURCE_NOT_FOUND");
  const urls = [...watch.printed.stderr.matchAll(/url="(http:\/\/[^/"]*)/g)].map(([, url = ""]) => url);
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    const response = await fetch(`${url}/health`);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 503,
      body: { ok: false, runtimes: { hermes: { error: "SOURCE_NOT_FOUND", reference: null } } },
    });
  }
  watch.child.kill("SIGTERM");
  expect((await watch.done).status).toBe(143);
});
