/** The failed step of a build, as the builder reports it. */
export interface FailedStep {
  /** The exit code of the command, if one ran and failed. */
  readonly exitCode: string | undefined;
  /** The text without the parts that only describe the location. */
  readonly why: string;
  /** The runtime's message if it could not start the command for reasons of the engine. */
  readonly runtime: string | undefined;
  /** Whether it could not because the command is for another platform, which this machine does not emulate. */
  readonly isForeign: boolean;
  /** The ID of a secret that the step requires and did not get. */
  readonly missingSecret: string | undefined;
  /** The stage that was requested as the target, and that the Dockerfile does not have. */
  readonly missingTarget: string | undefined;
  /** The file or directory of a `COPY` or `ADD` that the build context does not have, without a leading slash. */
  readonly missingFile: string | undefined;
  /** The image of a `COPY --from` that could not be fetched, for a reason that the builder does not report. */
  readonly unexplainedImage: string | undefined;
}

/** The report of a failed build. */
export interface ReportedFailure {
  /** The builder's own text. */
  readonly text: string;
  /** The exit code reported with the text, else 0. */
  readonly code?: number | undefined;
  /** The last lines of output. */
  readonly tail?: string;
  /** The step that failed, as the builder names it. */
  readonly step?: string | undefined;
}

/*
 * packages/engine/src/texts/engine-texts.json has the measured texts of each builder.
 */

/**
 * BuildKit: `executor failed running [/bin/sh -c exit 3]: exit code: 3` (20.10), `process "/bin/sh -c exit 3" did not complete
 * successfully: exit code: 3`. Podman and buildah: `building at STEP "RUN exit 3": while running runtime: exit status 3`. The
 * classic builder sends the code in a separate field.
 */
const exit = /\bexit (?:code: |status )(\d+)$/;

const wrappings =
  /^(?:Error: |failed to solve(?: with frontend \S+)?: |failed to create LLB definition: |rpc error: code = \S+ desc = |(?:error )?building at STEP ".*?": )+/;

/** BuildKit: `secret key not found: not found` (20.10), `secret key: not found`. Podman and buildah: `… no secret with id "key" found`. */
const secret =
  /^secret (\S+?)(?: not found)?: not found$|\bsecret required but no secret with id "?([^"\s]+)"? found$/;

/**
 * BuildKit: `target stage "x" could not be found (did you mean y?)`, without quotation marks on 20.10. Classic builder: `failed to
 * reach build target x in Dockerfile`. Podman and buildah: `The target "x" was not found in the provided Dockerfile`.
 */
const target =
  /^target stage "?([^"\s]+)"? could not be found\b|^failed to reach build target (\S+) in Dockerfile$|^the target "([^"]+)" was not found in the provided Dockerfile$/i;

/**
 * BuildKit: `failed to compute cache key: failed to calculate checksum of ref …: "/x": not found`, `… "/x" not found: not found` (20.10).
 * Classic builder: `COPY failed: file not found in build context or excluded by .dockerignore: stat x: file does not exist`. Podman and
 * buildah: `checking on sources under "/…": copier: stat: "/x": no such file or directory`.
 */
const file =
  /^failed to compute cache key: (?:failed to calculate checksum of ref \S+: )?"\/?([^"]+)"(?: not found)?: not found$|^(?:COPY|ADD) failed: file not found in build context or excluded by \.dockerignore: stat (.+): file does not exist$|^checking on sources under "[^"]+": copier: stat: "\/?([^"]+)": no such file or directory$/;

/** A step that copies from another stage or image, not from the build context. */
const copiesFromStage = /\bfrom=/;

/** Podman 4.3 to 5.8 and buildah, whatever the registry's error: `COPY --from=h/x:y: no stage or image found with that name`. */
const unexplained = /^COPY --from=(\S+): no stage or image found with that name$/;

/**
 * In the output of the step. BuildKit: `runc run failed: unable to start container process: …`. Podman and buildah:
 * `error running container: from /usr/bin/crun creating container for [/bin/sh -c make]: …`.
 */
const runtimeOutput = /^(?:\S+ run failed|error (?:running|creating) container): /;

/**
 * In the output of the step, by the words of the kernel. Measured on Docker 20.10.24 to 28.5.2, Podman and buildah: `exec /bin/sh:
 * exec format error`, with exit code 1, and 255 with runc 1.3. A shell that starts such a program writes its own name first.
 */
const foreignOutput = /^exec \S+: exec format error$/;

/**
 * Classic builder: `failed to create shim task: OCI runtime create failed: …`. BuildKit: `failed to read dockerfile: remount /, …`.
 * Podman and buildah: `committing container for step {…}: … unpacking failed (error: …)`.
 */
const runtimeText =
  /^(?:failed to (?:create (?:shim )?task[^:]*|start (?:shim|container))[^:]*: )?OCI runtime (?:create|start|run) failed\b|^(?:failed to read dockerfile: )?(?:remount |failed to mount |mount callback failed on |error creating overlay mount )|^committing container for step \{/;

/** The template names a program, directory or user that its image does not have. */
const ofTemplate =
  /exec: \\*"[^"]*": |exec \S+: no such file or directory|chdir to cwd|unable to find user|no matching entries in passwd/;

/** Parses a builder's report of a failed step. */
export function readFailedStep({ text, code = 0, tail = "", step = "" }: ReportedFailure): FailedStep {
  const why = text.trim().replace(wrappings, "");
  const exitCode = code === 0 ? exit.exec(why)?.[1] : String(code);
  // A failing command can print the same text, which only changes who has to act.
  const lines = tail.split("\n");
  const foreign =
    exitCode === "1" || exitCode === "255" ? lines.findLast((line) => foreignOutput.test(line)) : undefined;
  const printed = exitCode === "1" ? lines.findLast((line) => runtimeOutput.test(line)) : undefined;
  const runtime = foreign ?? printed ?? (runtimeText.test(why) ? why : undefined);
  const isOfContext = !copiesFromStage.test(step) && !copiesFromStage.test(text);
  return {
    exitCode,
    why,
    runtime: runtime === undefined || ofTemplate.test(runtime) ? undefined : runtime,
    isForeign: foreign !== undefined,
    missingSecret: namedBy(secret, why),
    missingTarget: namedBy(target, why),
    missingFile: isOfContext ? namedBy(file, why) : undefined,
    unexplainedImage: namedBy(unexplained, why),
  };
}

/** Returns what the alternative that matches has captured. */
function namedBy(pattern: RegExp, text: string): string | undefined {
  return pattern.exec(text)?.slice(1).find(Boolean);
}
