import type { Resolution } from "@molecule/core";
import type { GitRemote } from "./checkout/git-remote.js";
import type { ImageLabels } from "./image-labels.js";
import type { LocalReference } from "./local-reference.js";

/** What a template source resolves to: the commit and its repository, and the image's tags and labels. */
export type TemplateResolution = Resolution &
  LocalReference & {
    readonly revision: NonNullable<Resolution["revision"]>;
    readonly buildKey: string;
    readonly labels: ImageLabels;
    readonly remote: GitRemote;
  };
