import { ImageSourceError, oneLine } from "@molecule/core";
import type { BuildkitOptions } from "./buildkit-options.js";

/**
 * Returns the error for a builder that cannot be reached: `TOOL_MISSING` if buildctl lacks the program that reaches it,
 * else `ENGINE_UNAVAILABLE`. Waiting does not start a builder, so it is not transient.
 * @param address its address, or where buildctl looks by default
 * @param text buildctl's error, or another reason
 */
export function builderUnavailable(
  address: string,
  text: string,
  tls: BuildkitOptions["tls"] = {},
): ImageSourceError {
  const reason = reasonOf(text);
  const [, tool] = /^exec: "(.*)": executable file not found in \$PATH$/.exec(reason) ?? [];
  if (tool !== undefined)
    return new ImageSourceError({
      code: "TOOL_MISSING",
      message: `${tool} is not in PATH; buildctl needs it for the BuildKit builder at ${address}`,
      hint: `Install ${tool}, or set \`addr\` in the options of the source to an address that does not need it.`,
    });
  if (hidesReason(text))
    return new ImageSourceError({
      code: "ENGINE_UNAVAILABLE",
      message: `the BuildKit builder at ${address} cannot be reached: the program that connects to it ended early`,
      hint: "Check that the container or pod in `addr` runs, and that this user may run programs in it.",
    });
  const [, command, printed = ""] = failedCommand.exec(reason) ?? [];
  const why = printed.trim().split("\n").at(-1) || reason;
  return new ImageSourceError({
    code: "ENGINE_UNAVAILABLE",
    message: `the BuildKit builder at ${address} cannot be reached: ${oneLine(why)}`,
    hint: command === undefined ? (tlsRemedy(address, reason, tls) ?? startBuilder) : commandRemedy(command),
  });
}

const startBuilder =
  "Start buildkitd, or set `addr` in the options of the source to the address of one that runs.";

const wrappings =
  /^(?:listing workers for Build: |failed to list workers: |Unavailable: |transport: |error reading server preface: |authentication handshake failed: |Error while dialing: )+/;

/** Returns buildctl's error without the names of its operations. Those of gRPC are within a quoted string of Go. */
function reasonOf(text: string): string {
  const [, quoted] = /\bdesc = (".*")$/s.exec(text) ?? [];
  return (quoted === undefined ? text : unquoted(quoted)).replace(wrappings, "");
}

function unquoted(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}

/**
 * Whether buildctl reports only that the pipe to a program, such as `docker exec`, is closed, and not what the program
 * printed. It reports whichever it notices first: on 0.34.2, the pipe one time in five.
 */
export function hidesReason(text: string): boolean {
  return /\bwrite \|\d+: broken pipe"?$/.test(text);
}

/** The command that reaches the builder, such as `docker exec`, and what it printed. kubectl prints the reason last. */
const failedCommand = /^command \[(.*?)\] has exited with .*?stderr=(.*)$/s;

function commandRemedy(command: string): string {
  const engine = command.startsWith("docker ") ? " with DOCKER_HOST set to the container's engine" : "";
  return `Run \`${command.replace(/\bdial-stdio$/, "debug workers")}\`${engine}, and correct what it reports or \`addr\`.`;
}

/** Returns undefined unless the reason is a handshake that failed. Measured on 0.34.2. */
function tlsRemedy(
  address: string,
  reason: string,
  { ca, cert }: NonNullable<BuildkitOptions["tls"]>,
): string | undefined {
  const [, remedy] = handshakes.find(([pattern]) => pattern.test(reason)) ?? [];
  if (remedy !== undefined) return remedy;
  // A builder that does not accept the certificate says why and closes the connection. buildctl reports whichever it
  // notices first.
  const isClosed = closedConnection.test(reason) || certificateAlert.test(reason);
  if (!isClosed || !address.startsWith("tcp:")) return undefined;
  if (ca === undefined && cert === undefined)
    return "Set `tls` in the options of the source: a builder that requires TLS closes other connections.";
  return "Set `tls.cert` and `tls.key` to a client certificate that the builder accepts.";
}

const closedConnection = /\bEOF$|broken pipe$|connection reset by peer$/;
const certificateAlert =
  /^remote error: tls: (?:certificate required|unknown certificate authority|bad certificate|expired certificate)$/;

const handshakes: readonly (readonly [RegExp, string])[] = [
  [
    /x509: certificate signed by unknown authority/,
    "Set `tls.ca` to the certificate of the authority that issued the builder's certificate.",
  ],
  [
    /x509: certificate is (?:not )?valid for|x509: cannot validate certificate for/,
    "Set `tls.serverName` to a name in the builder's certificate.",
  ],
  [
    /x509: certificate has expired or is not yet valid/,
    "Renew the builder's certificate, or correct the clock of this machine.",
  ],
  [
    /first record does not look like a TLS handshake/,
    "Remove `tls` from the options of the source, or have the builder listen with TLS.",
  ],
];
