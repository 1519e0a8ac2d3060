import { parseImageReference, tryParse } from "@molecule/core";
import { registryPath, templateOptions } from "@molecule/template-build";
import * as v from "valibot";

const destinations = ["engine", "registry"] as const;

const text = v.pipe(v.string("must be text"), v.nonEmpty("must not be empty"));
const address = v.pipe(
  v.string("must be text"),
  v.regex(/^[a-z][a-z0-9-]*:\/\/\S+$/, "must be an address such as tcp://HOST:PORT or unix:///PATH"),
);

const cache = (types: readonly ("registry" | "inline" | "local")[]) =>
  v.pipe(
    v.strictObject({
      type: v.picklist(types, `must be one of ${types.join(", ")}`),
      ref: v.optional(text),
      path: v.optional(text),
      mode: v.optional(v.picklist(["min", "max"], "must be min or max")),
    }),
    v.check(
      ({ type, ref }) => (type === "registry") === (ref !== undefined),
      "type registry, and no other, needs `ref`",
    ),
    v.check(
      ({ type, path }) => (type === "local") === (path !== undefined),
      "type local, and no other, needs `path`",
    ),
  );

const attestations = v.strictObject({
  provenance: v.optional(v.picklist(["min", "max"], "must be min or max")),
  sbom: v.optional(
    v.union(
      [v.literal(true), v.pipe(v.string(), v.check(isImage, "must be the image of a generator"))],
      "must be true or the image of a generator",
    ),
  ),
});

function isImage(name: string): boolean {
  return tryParse(parseImageReference, name) !== undefined;
}

/** Options of this source, in addition to those of every source that builds templates. */
const entries = v.strictObject({
  ...templateOptions.entries,
  addr: v.pipe(
    v.optional(
      v.union(
        [address, v.pipe(v.array(address), v.nonEmpty("must not be empty"))],
        "must be an address or a list of addresses, such as tcp://HOST:PORT or unix:///PATH",
      ),
    ),
    v.description(
      "Where BuildKit listens: an address as `buildctl --addr` takes it, or a list. A runtime's name selects one; the others replace it while it is down. Default: `BUILDKIT_HOST`, else buildctl's own.",
    ),
  ),
  tls: v.pipe(
    v.optional(
      v.pipe(
        v.strictObject({
          ca: v.optional(text),
          cert: v.optional(text),
          key: v.optional(text),
          serverName: v.optional(text),
        }),
        v.check(
          ({ cert, key }) => (cert === undefined) === (key === undefined),
          "`cert` and `key` need each other",
        ),
        // buildctl connects without TLS if it has neither.
        v.check(({ ca, cert }) => ca !== undefined || cert !== undefined, "needs `ca`, or `cert` and `key`"),
      ),
    ),
    v.description(
      "Files for TLS with `tcp://` builders, relative to this file, and the name in their certificate.",
    ),
  ),
  into: v.pipe(
    v.optional(v.picklist(destinations, `must be one of ${destinations.join(", ")}`), "engine"),
    v.description(
      "Where images go: into the configured `engine`, or into a `registry`, from which Kubernetes or any engine pulls them.",
    ),
  ),
  registry: v.pipe(
    v.optional(registryPath),
    v.description(
      "With `into: registry`: HOST[:PORT]/PATH in front of `/workspace-template-<runtime>:<commit>`. Anyone who can push there is trusted like the forge.",
    ),
  ),
  attest: v.pipe(
    v.optional(attestations),
    v.description(
      "With `into: registry`: attestations to build. `provenance: min` or `max` records how the image was built; `sbom: true` lists its packages, or `sbom: IMAGE` with that generator.",
    ),
  ),
  cacheTo: v.pipe(
    v.optional(cache(["registry", "inline", "local"])),
    v.description(
      "Where the build cache is stored, in addition to the builder: `{ type: registry, ref: HOST/PATH }`, `{ type: inline }` or `{ type: local, path: DIRECTORY }`, with `mode: max` for all stages. One cache for each runtime and platform.",
    ),
  ),
  cacheFrom: v.pipe(
    v.optional(cache(["registry", "local"])),
    v.description(
      "Where the build cache is read from, in addition to the builder: as in `cacheTo`, without `inline`.",
    ),
  ),
});

const onlyIntoRegistry = "takes effect only with `into: registry`";

/** The same options, with those that depend on `into` checked. */
export const buildkitOptions = v.pipe(
  entries,
  v.forward(
    v.check(
      ({ into, registry }) => into !== "registry" || registry !== undefined,
      "is missing: `into: registry` needs HOST[:PORT]/PATH",
    ),
    ["registry"],
  ),
  v.forward(
    v.check(({ into, registry }) => into === "registry" || registry === undefined, onlyIntoRegistry),
    ["registry"],
  ),
  v.forward(
    v.check(({ into, attest }) => into === "registry" || attest === undefined, onlyIntoRegistry),
    ["attest"],
  ),
  v.forward(
    v.check(
      ({ into, share }) => into !== "registry" || share === undefined,
      "cannot be combined with `into: registry`, which shares every build",
    ),
    ["share"],
  ),
);

export type BuildkitOptions = v.InferOutput<typeof buildkitOptions>;
