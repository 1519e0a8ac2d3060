import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { capabilityMismatch, pluginApiVersions, type SourceServices } from "@molecule/core";
import type { Bench } from "../bench/bench.js";
import type { Chapter } from "../bench/law.js";
import { diskSnapshot } from "../world/disk-snapshot.js";
import { watchResources } from "../world/watch-resources.js";
import { ownProcesses } from "../world/own-processes.js";

const nameGrammar = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const invalidOptions: readonly unknown[] = [
  42,
  "invalid",
  true,
  ["invalid"],
  { "no-such-option-in-the-world": 1 },
];

export const thePlugin: Chapter = {
  name: "The plugin",
  laws: {
    "has a valid name, version and modes": async ({ plugin, source }) => {
      assert.match(source.name, nameGrammar, "the name of the source");
      for (const verb of ["resolve", "find", "provide"] as const)
        assert.equal(typeof source[verb], "function", verb);
      if (plugin === undefined) return;
      assert.equal(plugin.name, source.name, "the plugin and its source have different names");
      const { oldest, newest } = pluginApiVersions;
      const isSupported = plugin.apiVersion >= oldest && plugin.apiVersion <= newest;
      assert.ok(isSupported, `apiVersion ${String(plugin.apiVersion)} is not supported`);
      assert.ok(plugin.modes.length > 0, "it supports no mode");
      for (const mode of plugin.modes) assert.ok(["registry", "local"].includes(mode), `the mode ${mode}`);
      const mismatch = capabilityMismatch(plugin.capabilities ?? [], source);
      assert.equal(mismatch, undefined, `its capabilities: ${mismatch ?? ""}`);
    },

    "rejects invalid options": async ({ plugin }) => {
      if (plugin?.options === undefined) return;
      for (const value of invalidOptions) {
        const { issues } = await plugin.options["~standard"].validate(value);
        assert.ok(issues !== undefined && issues.length > 0, `its schema accepts ${JSON.stringify(value)}`);
        for (const { message } of issues) assert.notEqual(message, "", "an issue without a message");
      }
    },

    "has no side effects when it creates a source": async (bench) => {
      const before = await diskSnapshot(bench.directory);
      const programs = await ownProcesses();
      const touched: string[] = [];
      const variables = { ...process.env };
      const services = { ...bench.services, ...tripwires(bench, touched) };
      const resources = watchResources(() => bench.another(services));
      // Gives anything that the plugin started a moment to become visible.
      await sleep(20);
      resources.stop();
      assert.deepEqual(touched, [], "create uses services that only the methods may use");
      assert.deepEqual([...resources.opened], [], "create opens resources");
      assert.deepEqual({ ...process.env }, variables, "create sets environment variables");
      assert.equal(bench.doors.requests, 0, "create makes requests");
      assert.deepEqual(await diskSnapshot(bench.directory), before, "create writes files");
      const begun = [...(await ownProcesses())].filter(([id]) => !programs.has(id));
      assert.deepEqual(begun, [], "create starts programs");
    },
  },
};

type Edges = Pick<SourceServices, "engine" | "fetch" | "run" | "clock">;

/** Edges that record each access. */
function tripwires({ services }: Bench, touched: string[]): Edges {
  const touch = (what: string): Promise<never> => {
    touched.push(what);
    return new Promise(() => undefined);
  };
  const { clock, engine } = services;
  return {
    engine: new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? () => touch(`engine.${String(name)}`) : value;
      },
    }),
    fetch: (url) => touch(`fetch ${url}`),
    run: (command) => touch(`run ${command}`),
    clock: {
      ...clock,
      after: (milliseconds) => {
        void touch(`clock.after ${String(milliseconds)}`);
        return () => undefined;
      },
    },
  };
}
