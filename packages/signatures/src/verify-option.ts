import * as v from "valibot";

const text = v.pipe(v.string(), v.regex(/^\S+$/, "must not be empty or contain spaces"));

/** The schema of an option that sets the required signer of images: a file with a public key, or an identity. */
export const verifyOption = v.union(
  [
    v.strictObject({ key: v.pipe(v.string(), v.minLength(1)) }),
    v.strictObject({ identity: text, issuer: text }),
  ],
  "must be { key: FILE } or { identity, issuer }",
);

/** The value of such an option. */
export type VerifyOption = v.InferOutput<typeof verifyOption>;

/** The value of such an option, and its place in the configuration. */
export interface ConfiguredPolicy {
  readonly verify: VerifyOption;
  /** As in messages: `options.registry-pull.verify`. */
  readonly option: string;
}
