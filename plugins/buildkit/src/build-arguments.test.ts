import { expect, test } from "@jest/globals";
import { parsePlatform } from "@molecule/core";
import { labelNames, type BuildPlan } from "@molecule/template-build";
import { attestationArguments, attestationRegistries, buildArguments } from "./build-arguments.js";

const plan = {
  platform: parsePlatform("linux/arm64"),
  labels: { [labelNames.runtime]: "hermes" },
  target: undefined,
  buildArgs: { A: "1,2=3" },
  fresh: false,
} as unknown as BuildPlan;
const output = { type: "docker", dest: "image.tar" };
const caches = (options: Parameters<typeof buildArguments>[1]): readonly string[] =>
  buildArguments(plan, options, output, []).filter((argument) => argument.includes("-cache="));

test("a cache has a name for each runtime and platform", () => {
  const registry = { type: "registry", ref: "h:5000/cache", mode: "max" } as const;
  expect(caches({ cacheTo: registry, cacheFrom: registry })).toEqual([
    "--export-cache=type=registry,ref=h:5000/cache:hermes-linux-arm64,mode=max",
    "--import-cache=type=registry,ref=h:5000/cache:hermes-linux-arm64",
  ]);
  expect(caches({ cacheTo: { type: "inline" }, cacheFrom: undefined })).toEqual([
    "--export-cache=type=inline",
  ]);
});

test("a path may contain what separates fields", () => {
  const local = { type: "local", path: '/a, "b"' } as const;
  expect(caches({ cacheTo: local, cacheFrom: local })).toEqual([
    '--export-cache=type=local,"dest=/a, ""b""/hermes-linux-arm64"',
    '--import-cache=type=local,"src=/a, ""b""/hermes-linux-arm64"',
  ]);
});

test("labels and build arguments are passed as they are, and a fresh build uses no cache", () => {
  const args = buildArguments(
    { ...plan, fresh: true },
    { cacheTo: undefined, cacheFrom: undefined },
    output,
    ["--x"],
  );
  expect(args).toEqual(
    expect.arrayContaining([
      "--opt=label:molecule.image.runtime=hermes",
      "--opt=build-arg:A=1,2=3",
      "--opt=platform=linux/arm64",
      "--no-cache",
      "--opt=image-resolve-mode=pull",
      "--output=type=docker,dest=image.tar",
    ]),
  );
  expect(args.at(-1)).toBe("--x");
});

test("attestations are passed as options, with the registry of a generator", () => {
  expect(attestationArguments(undefined)).toEqual([]);
  const max = { provenance: "max", sbom: true } as const;
  expect(attestationArguments(max)).toEqual(["--opt=attest:provenance=mode=max", "--opt=attest:sbom="]);
  expect(attestationRegistries(max)).toEqual(["docker.io"]);
  const own = { sbom: "h:5000/syft:1" };
  expect(attestationArguments(own)).toEqual(["--opt=attest:sbom=generator=h:5000/syft:1"]);
  expect(attestationRegistries(own)).toEqual(["h:5000"]);
});
