import { Readable } from "node:stream";
import { afterAll, describe, expect, test } from "@jest/globals";
import { describeWithEngine } from "@molecule/testkit";
import { createDockerEngine } from "./docker-engine.js";
import { findEngineEndpoint } from "./find-engine-endpoint.js";

describeWithEngine({ describe, test }, "loading an image", ({ address }) => {
  const engine = createDockerEngine(() =>
    findEngineEndpoint({ env: { DOCKER_HOST: address }, home: "/nonexistent" }),
  );
  afterAll(() => engine.close());

  test("what is no archive is malformed", async () => {
    await expect(engine.loadImage(Readable.from([Buffer.from("no archive at all")]))).rejects.toMatchObject({
      code: "SOURCE_MALFORMED",
    });
  });

  test("an archive that cannot be read to its end fails with its own error", async () => {
    const broken = new Error("disk on fire");
    const archive = Readable.from(
      (async function* () {
        yield Buffer.alloc(10_240);
        throw broken;
      })(),
    );
    await expect(engine.loadImage(archive)).rejects.toBe(broken);
  });

  test("a caller that leaves ends it", async () => {
    const archive = new Readable({ read: () => undefined });
    const caller = new AbortController();
    const load = engine.loadImage(archive, { signal: caller.signal });
    setTimeout(() => {
      caller.abort();
    }, 100);
    await expect(load).rejects.toMatchObject({ code: "CANCELLED" });
    expect(archive.destroyed).toBe(true);
  });
});
