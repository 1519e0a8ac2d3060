import { aborting } from "./aborting.js";
import { failures } from "./failures.js";
import { finding } from "./finding.js";
import { followingUpstream } from "./following-upstream.js";
import { goingAway } from "./going-away.js";
import { manyCallers } from "./many-callers.js";
import { memory } from "./memory.js";
import { progress } from "./progress.js";
import { providing } from "./providing.js";
import { resolving } from "./resolving.js";
import { secrets } from "./secrets.js";
import { thePlugin } from "./the-plugin.js";
import { unknownRuntimes } from "./unknown-runtimes.js";
import type { Chapter } from "../bench/law.js";

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
