// Builds that fail by themselves, with a healthy registry.
import { readFileSync } from "node:fs";

const shell = ["FROM scratch", "COPY sh /bin/sh"];
const lines = (...parts) => `${parts.flat().join("\n")}\n`;
const command = `echo 'reading manifest v1 in r.example/x: unauthorized: authentication required' >&2; echo 'STEP 9/9: FROM r.example/x'; exit 1`;

/** The content of each Dockerfile. */
export const buildFaults = {
  "run-exit-3": lines(shell, "RUN exit 3"),
  "run-exit-3-in-stage-2": lines(shell, shell, "RUN exit 3"),
  "run-unknown-command": lines(shell, "RUN nosuchcommand"),
  "run-without-shell": lines("FROM scratch", "COPY x /x", "RUN echo"),
  "run-looks-like-a-refusal": lines(shell, `RUN ${command}`),
  "copy-missing": lines("FROM scratch", "COPY nosuch /x"),
  "copy-from-bad-reference": lines("FROM scratch", "COPY --from=127.0.0.1:1/Foo:1 /x /x"),
  "parse-unknown-instruction": lines("FROM scratch", "RUNN x"),
  "parse-unknown-flag": lines("FROM scratch", "COPY --nosuch x /x"),
  "parse-empty": "# nothing\n",
  "from-bad-reference": lines("FROM 127.0.0.1:1/Foo:1"),
  "from-bad-tag": lines("FROM 127.0.0.1:1/foo:-x"),
  "from-blank": lines("ARG BASE", "FROM ${BASE}"),
  "secret-missing": lines(shell, "RUN --mount=type=secret,id=key,required=true cat /run/secrets/key"),
  "target-unknown": lines("FROM scratch AS one", "COPY x /x"),
};

/** The error of an engine whose runtime does not work, for any step that runs a command. */
export const runtimeFaults = { "runtime-broken": lines(shell, "RUN echo") };

/** The files of their contexts; programs are statically linked. */
export const buildFiles = { x: "x", sh: readFileSync("/bin/busybox") };
