import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";
import { until } from "./waiting.test.support.js";

let world: World;
beforeEach(async () => {
  world = await openWorld(noEngine);
});
afterEach(() => world.close());

test("watch serves its metrics to Prometheus until it ends", async () => {
  // Its forge has no template.
  const watch = world.start(["watch", "hermes", "--metrics", "0", "--log-level", "info"]);
  const urlIn = /http:\/\/127\.0\.0\.1:\d+\/metrics/;
  await until(() => watch.printed.stderr.includes("SOURCE_NOT_FOUND") && urlIn.test(watch.printed.stderr));
  const [url = ""] = urlIn.exec(watch.printed.stderr) ?? [];

  const response = await fetch(url);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  const [failures] = /^molecule_image_failures_total\{.*$/m.exec(await response.text()) ?? [];
  expect(failures).toMatch(/ 1$/);
  for (const label of ['error_type="SOURCE_NOT_FOUND"', 'molecule_runtime="hermes"']) {
    expect(failures).toContain(label);
  }
  expect((await fetch(url.replace("/metrics", "/other"))).status).toBe(404);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);

  const { port } = new URL(url);
  const second = await world.json(["watch", "hermes", "--metrics", port]);
  expect(second).toMatchObject({
    status: 2,
    answer: {
      error: { code: "USAGE", message: expect.stringContaining(`127.0.0.1:${port}: the address is in use`) },
    },
  });

  watch.child.kill("SIGTERM");
  expect((await watch.done).status).toBe(143);
  await expect(fetch(url)).rejects.toThrow();
});

test("an address of another machine is reported in words", async () => {
  const { status, answer } = await world.json(["watch", "hermes", "--metrics", "192.0.2.1:9464"]);
  expect({ status, error: answer.error }).toMatchObject({
    status: 2,
    error: {
      code: "USAGE",
      message: "cannot serve metrics on 192.0.2.1:9464: this machine does not have the address",
    },
  });
});

test("an invalid address is refused before anything is contacted", async () => {
  const { status, answer } = await world.json(["watch", "hermes", "--metrics", "http://host:1"]);
  expect(status).toBe(2);
  expect(answer.error).toMatchObject({ code: "USAGE" });
  expect(world.forge.apiRequests()).toEqual([]);
});
