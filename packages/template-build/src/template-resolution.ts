import type { Resolution } from "@molecule/core";
import type { GitRemote } from "./checkout/git-remote.js";
import type { ImageLabels } from "./image/image-labels.js";
import type { LocalReference } from "./image/local-reference.js";
import type { WorkingCopy } from "./working-copy/locate-working-copy.js";
import type { Content } from "./working-copy/read-content.js";

/** The resolution of a template source: the template, and the image's tags and labels. */
export type TemplateResolution = Resolution &
  LocalReference & {
    readonly buildKey: string;
    readonly labels: ImageLabels;
  } & TemplateOrigin;

/** A commit and its repository, or a working copy and its content. */
export type TemplateOrigin =
  | {
      readonly revision: NonNullable<Resolution["revision"]>;
      readonly remote: GitRemote;
      readonly workingCopy?: undefined;
    }
  | { readonly revision: null; readonly workingCopy: WorkingCopy & { readonly content: Content } };
