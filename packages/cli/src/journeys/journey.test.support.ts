import { expect } from "@jest/globals";
import { helloTemplate } from "@molecule/testkit";
import type { Env, Image, World } from "./command-world.test.support.js";

/** Runs every user command on one template, and checks that their reports agree. */
export async function travel(world: World, kind: "docker" | "podman", env: Env = {}): Promise<void> {
  const json = async (...args: readonly string[]): Promise<Awaited<ReturnType<World["json"]>>["answer"]> => {
    const { status, answer } = await world.json(args, env);
    expect({ args, status, answer }).toMatchObject({ status: 0 });
    return answer;
  };
  const imageOf = async (verb: string): Promise<Image> =>
    (await json(verb, "hermes")).results?.[0]?.image ?? {};
  // The engine may hold images of other users.
  const listed = async (): Promise<readonly unknown[]> =>
    ((await json("list")).images ?? [])
      .filter(({ tags }) => String(tags).includes(world.isolation))
      .map(({ imageId }) => imageId);

  const first = await world.forge.addTemplate("hermes", helloTemplate({ message: "first" }));
  expect(await imageOf("plan")).toMatchObject({ hit: false, imageId: null, revision: first });
  const built = await imageOf("ensure");
  expect(built).toMatchObject({
    imageId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    platform: "linux/amd64",
    engine: { kind },
    revision: first,
    cached: false,
  });
  expect(await imageOf("ensure")).toMatchObject({ imageId: built["imageId"], cached: true });
  expect(await imageOf("plan")).toMatchObject({ imageId: built["imageId"], hit: true, why: null });
  expect(await listed()).toEqual([built["imageId"]]);

  const run = await world.run(
    ["run", "hermes", "--rm", "--", "sh", "-c", "cat /app/message.txt; exit 7"],
    env,
  );
  expect(run).toMatchObject({ status: 7, stdout: "first\n" });

  const refreshed = await imageOf("refresh");
  expect(refreshed).toMatchObject({ reference: built["reference"], revision: first, cached: false });
  expect(await imageOf("ensure")).toMatchObject({ imageId: refreshed["imageId"], cached: true });

  const second = await world.forge.commit("hermes", { "message.txt": "second\n" });
  const next = await imageOf("ensure");
  expect(next).toMatchObject({ revision: second, cached: false });
  expect(next["imageId"]).not.toBe(refreshed["imageId"]);
  expect((await world.run(["run", "hermes", "--rm"], env)).stdout).toBe("second\n");

  const { removed = [] } = await json("prune", "--keep", "1");
  expect(removed.filter(({ kind: what }) => what === "image").map(({ imageId }) => imageId)).toContain(
    refreshed["imageId"],
  );
  expect(await listed()).toEqual([next["imageId"]]);
  expect(((await json("doctor")).findings ?? []).filter(({ ok }) => !ok)).toEqual([]);
}
