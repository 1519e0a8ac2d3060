import { aborting } from "./chapters/aborting.js";
import { failures } from "./chapters/failures.js";
import { finding } from "./chapters/finding.js";
import { followingUpstream } from "./chapters/following-upstream.js";
import { goingAway } from "./chapters/going-away.js";
import { manyCallers } from "./chapters/many-callers.js";
import { memory } from "./chapters/memory.js";
import { progress } from "./chapters/progress.js";
import { providing } from "./chapters/providing.js";
import { resolving } from "./chapters/resolving.js";
import { secrets } from "./chapters/secrets.js";
import { thePlugin } from "./chapters/the-plugin.js";
import { unknownRuntimes } from "./chapters/unknown-runtimes.js";
import type { Chapter } from "./law.js";

/** The source interface, one chapter at a time; docs/extending/conformance.md describes each. */
export const chapters: readonly Chapter[] = [
  thePlugin,
  resolving,
  followingUpstream,
  finding,
  providing,
  aborting,
  unknownRuntimes,
  progress,
  failures,
  secrets,
  memory,
  goingAway,
  manyCallers,
];
