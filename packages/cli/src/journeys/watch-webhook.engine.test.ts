import { createHmac, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/test-fixtures";
import { helloTemplate } from "@molecule/testkit";
import { openWorld, templateWith, type World } from "./command-world.test.support.js";
import { until } from "./waiting.test.support.js";

const secret = randomBytes(16).toString("hex");

/** Posts a push event as Gitea does. */
function push(url: string, key = secret): Promise<Response> {
  const body = JSON.stringify({
    ref: "refs/heads/main",
    after: randomBytes(20).toString("hex"),
    repository: { full_name: "molecule-ai/molecule-ai-workspace-template-hermes", default_branch: "main" },
  });
  const signature = createHmac("sha256", key).update(body).digest("hex");
  return fetch(url, {
    method: "POST",
    body,
    headers: { "x-gitea-event": "push", "x-gitea-signature": signature },
  });
}

describeWithEngine({ describe, test }, "molecule-image watch --webhook", ({ address }) => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(address);
  });
  afterEach(() => world.close());

  test("builds a pushed commit, although the next poll is an hour away", async () => {
    await world.forge.addTemplate("hermes", helloTemplate());
    const watch = world.start(["watch", "hermes", "--every", "1h", "--webhook", "0", "--log-level", "info"], {
      MOLECULE_WEBHOOK_SECRET: secret,
    });
    const lines = (): string[] => watch.printed.stdout.split("\n").slice(0, -1);
    await until(() => lines().length === 1);
    const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(watch.printed.stderr) ?? [];

    const second = await world.forge.commit("hermes", templateWith(`RUN : ${secret.slice(0, 4)}`));
    expect((await push(url, "another secret")).status).toBe(401);
    expect((await push(url)).status).toBe(202);
    await until(() => lines().length === 2);
    expect(lines()[1]).toContain(second.slice(0, 12));

    const health = await fetch(`${url}/health`);
    expect({ status: health.status, body: await health.json() }).toMatchObject({
      status: 200,
      body: { ok: true, runtimes: { hermes: { error: null, reference: lines()[1]?.split(" ")[1] } } },
    });
    // The refused request and its secrets.
    expect(watch.printed.stderr).toContain("refused a webhook request");
    expect(watch.printed.stderr).not.toContain(secret);

    watch.child.kill("SIGTERM");
    expect((await watch.done).status).toBe(143);
    await expect(fetch(url)).rejects.toThrow();
  });
});
