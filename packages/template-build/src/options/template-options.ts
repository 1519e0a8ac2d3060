import { parseImageReference, templateImageName, tryParse, type JsonSchema } from "@molecule/core";
import { verifyOption } from "@molecule/signatures";
import * as v from "valibot";
import { recipeOptions, templatesOption } from "./recipe-options.js";

/** Where Molecule's templates are mirrored. */
export const defaultRepoPrefix = "https://git.moleculesai.app/molecule-ai/molecule-ai-workspace-template-";

function isRegistry(host: string): boolean {
  return tryParse(parseImageReference, `${host}/x`)?.registry === host;
}

/** Whether images can be named under this prefix. It must name a registry: without one, it would mean Docker Hub. */
function isPrefix(prefix: string): boolean {
  const parsed = tryParse(parseImageReference, templateImageName(prefix, "x"));
  return parsed?.tag === null && parsed.digest === null && prefix.startsWith(parsed.registry);
}

/** A place in a registry, under which images are named. */
export const registryPath = v.pipe(
  v.string("must be text"),
  v.check(isPrefix, "must be HOST[:PORT]/PATH, without a tag"),
);

/** Options of every source that builds templates: `options.<source>` in the configuration. */
export const templateOptions = v.strictObject({
  repoPrefix: v.pipe(
    v.optional(v.string(), defaultRepoPrefix),
    v.description("Same as `MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX`."),
  ),
  forge: v.pipe(
    v.optional(recipeOptions.forge, "gitea"),
    v.description(
      "How commits are looked up: `gitea` uses the API of Gitea or Forgejo; `git` works with any server.",
    ),
  ),
  branch: v.pipe(
    v.optional(recipeOptions.branch),
    v.description(
      "A configured branch is the only one looked up. Default: the repository's default branch; Gitea is asked for `main` first.",
    ),
  ),
  dockerfile: v.pipe(
    v.optional(recipeOptions.dockerfile, "Dockerfile"),
    v.description("Path inside the template."),
  ),
  target: v.pipe(
    v.optional(recipeOptions.target),
    v.description("The build stage. Default: the last stage."),
  ),
  buildArgs: v.pipe(
    v.optional(recipeOptions.buildArgs, {}),
    v.description("Build arguments. They stay in the image's history: no secrets."),
  ),
  buildArgsFrom: v.pipe(
    v.optional(recipeOptions.buildArgsFrom, { RUNTIME_VERSION: ".runtime-version" }),
    v.description(
      "Build arguments that get the first line of a file of the template, where the Dockerfile declares them and the file exists. An entry of `buildArgs` wins; `{}` turns it off.",
    ),
  ),
  secrets: v.pipe(
    v.optional(recipeOptions.secrets, {}),
    v.description(
      "Secrets for `RUN --mount=type=secret,id=ID`: `ID: { env: NAME }` or `ID: { file: PATH }`, the path relative to this file. For BuildKit and buildah.",
    ),
  ),
  templates: templatesOption,
  allowSubmodules: v.pipe(
    v.optional(v.boolean(), false),
    v.description(
      "`false`: a template with a submodule is `TEMPLATE_INVALID`. `true`: it is built with an empty directory there. Submodules are never fetched.",
    ),
  ),
  allowLfs: v.pipe(
    v.optional(v.boolean(), false),
    v.description(
      "`false`: a template with a pointer of Git LFS in its context is `TEMPLATE_INVALID`. `true`: it is built with the pointer. LFS content is never fetched.",
    ),
  ),
  allowedRegistries: v.pipe(
    v.optional(
      v.array(
        v.pipe(
          v.string(),
          v.check(isRegistry, "must be the host of a registry, such as docker.io or h:5000"),
        ),
      ),
    ),
    v.description(
      "Registries (`docker.io`, `h:5000`) that base images and `# syntax=` may come from; any other is `TEMPLATE_INVALID`. Default: any.",
    ),
  ),
  whenForgeIsDown: v.pipe(
    v.optional(v.picklist(["fail", "last-good"], "must be fail or last-good"), "fail"),
    v.description(
      "`last-good`: if the forge or its git cannot be reached, the newest verified image is used, with a warning and `stale: true`. `refresh` still fails.",
    ),
  ),
  share: v.pipe(
    v.optional(
      v.pipe(
        v.strictObject({
          registry: v.pipe(
            registryPath,
            v.description("HOST[:PORT]/PATH in front of `/workspace-template-<runtime>:bk-<build key>`."),
          ),
          push: v.pipe(
            v.optional(v.boolean(), false),
            v.description(
              "Whether builds of this host are pushed there. If not, they are only pulled from there.",
            ),
          ),
          verify: v.pipe(
            v.optional(verifyOption),
            v.description(
              "The required signer of shared builds: `{ key: FILE }` (a public key) or `{ identity, issuer }`. The `cosign` command verifies the signature of a digest, and exactly that digest is pulled. Without a valid signature, this host builds.",
            ),
          ),
        }),
        v.forward(
          v.check(
            ({ push, verify }) => !push || verify === undefined,
            "cannot be combined with `verify`: an unsigned build would replace a signed one",
          ),
          ["push"],
        ),
      ),
    ),
    v.description(
      "A registry through which hosts share their builds. Anyone who can push there is trusted like the forge, unless `verify` requires a signature. Default: none.",
    ),
  ),
});

/** Returns the options of a source that builds templates, validated and with defaults applied. */
export type TemplateOptions = v.InferOutput<typeof templateOptions>;

/**
 * Returns the same schema as a JSON Schema, for editors and hints. Loads the generator only here.
 * @param options the schema of a source that has further options
 */
export async function templateOptionsJsonSchema(
  options: v.GenericSchema = templateOptions,
): Promise<JsonSchema> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  return {
    ...toJsonSchema(options, { target: "draft-2020-12", typeMode: "input", errorMode: "ignore" }),
  };
}
