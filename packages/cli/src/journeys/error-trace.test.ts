import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { noEngine, openWorld, type World } from "./command-world.test.support.js";

let world: World;
beforeAll(async () => {
  world = await openWorld(noEngine);
});
afterAll(() => world.close());

const debug = ["--log-level", "debug"];
const token = "s3cret-t0ken+for/traces";

/** Writes a plugin that throws at a known line; returns the arguments that select it. */
async function failing(name: string, members: { readonly atLoad?: string; readonly atResolve?: string }) {
  const file = await world.write(
    `${name}.mjs`,
    `${members.atLoad ?? ""}
export default {
  name: "${name}", apiVersion: 1, modes: ["local"],
  create: (options, { env, mask }) => {
    mask.add(env.MOLECULE_GITEA_TOKEN);
    return { name: "${name}", async resolve() { ${members.atResolve ?? ""} }, find() {}, provide() {} };
  },
};
`,
  );
  const config = { plugins: [file.replace(/^.*\//, "./")], sources: { local: name } };
  return ["ensure", "hermes", "--config", await world.write(`${name}.json`, JSON.stringify(config))] as const;
}

test("debug shows the line and the cause of an error inside a plugin", async () => {
  const args = await failing("broken", { atLoad: "\nundefined.member;" });
  expect((await world.run(args)).stderr).not.toContain("broken.mjs:2");
  for (const more of [debug, [...debug, "--json"]]) {
    const { status, stderr } = await world.run([...args, ...more]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^ {2}> TypeError: Cannot read properties of undefined/m);
    expect(stderr).toMatch(/^ {2}> .*broken\.mjs:2:\d+/m);
  }
});

test("debug shows the trace of a bug in a verb, without secrets", async () => {
  const args = await failing("buggy", {
    atResolve: `throw new Error("bad", { cause: new RangeError("of ${token}") });`,
  });
  const { status, stderr } = await world.run([...args, ...debug], { MOLECULE_GITEA_TOKEN: token });
  expect(status).toBe(70);
  expect(stderr).toMatch(/^ {2}> RangeError: of \*\*\*$/m);
  expect(stderr).toMatch(/^ {2}> .*buggy\.mjs:\d+/m);
  expect(stderr).not.toContain(token);
});
