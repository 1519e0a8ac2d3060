import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ImageSourceError, parseRuntimeName } from "@molecule/core";
import { watchHealth } from "./watch-health.js";
import { serveMetrics, type ServedMetrics } from "./serve-metrics.js";

let served: ServedMetrics;
beforeEach(async () => {
  served = await serveMetrics({ host: "127.0.0.1", port: 0 }, watchHealth([]));
});
afterEach(() => served.close());

test("serves the metrics under the names of the documented queries", async () => {
  const error = new ImageSourceError({ code: "BUILD_FAILED", message: "m", hint: "h" });
  served.observer
    .begin({ verb: "ensure", source: "podman", runtime: parseRuntimeName("hermes") })
    .end({ error });
  const text = await (await fetch(served.url)).text();
  const page = new URL("../../../../docs/operating/running-as-a-service.md", import.meta.url);
  const names = (await readFile(fileURLToPath(page), "utf8")).match(/\bmolecule_image_\w+/g) ?? [];
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) expect(text).toMatch(new RegExp(`^${name}\\{`, "m"));
});
