import {
  configInvalid,
  escapeControls,
  isImageSourceError,
  ImageSourceError,
  type Env,
  type RegistryCredential,
  type Run,
  type RunResult,
} from "@molecule/core";
import { cancellation, hasLeft } from "../connection/cancellation.js";
import { fieldsOf, textOf, type Fields } from "../connection/json-fields.js";
import type { CredentialEntry } from "./credential-entry.js";

type HelperEntry = Extract<CredentialEntry, { readonly kind: "helper" }>;

/** Exit codes of a shell or `env` that cannot start or find its program. */
const unrunnable: readonly number[] = [126, 127];

/** A helper may need the network to reach its vault. */
const deadlineMs = 30_000;
const maxResponseBytes = 64 * 1024;

/** The user name with which the protocol marks the secret as an identity token. */
const tokenUser = "<token>";
const notFound = "credentials not found in native keychain";

/**
 * Runs `docker-credential-<helper>` as the docker CLI does: the server on stdin, JSON on stdout. Returns undefined if
 * the helper has no credentials. Rejects with `CONFIG_INVALID` if the program does not exist, with `SOURCE_DENIED` if
 * it fails, and with the signal's reason.
 */
export async function askCredentialHelper(
  { helper, server, from }: HelperEntry,
  { env, run }: { readonly env: Env; readonly run: Run },
  signal?: AbortSignal,
): Promise<RegistryCredential | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(helper)) {
    throw configInvalid(
      `${from} is ${JSON.stringify(helper)}, which is not the name of a credential helper`,
      "Write the part of the helper's name after `docker-credential-`: letters, digits, dots and dashes.",
    );
  }
  const program = `docker-credential-${helper}`;
  const result = await run(program, ["get"], {
    env: helperEnvironment(env),
    input: server,
    timeoutMs: deadlineMs,
    maxOutputBytes: maxResponseBytes,
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (!isImageSourceError(error) || error.code !== "TOOL_MISSING") throw error;
    throw configInvalid(
      `${from} names ${program}, which cannot be run: ${error.message}`,
      `Repair ${program}, or remove it from the docker configuration.`,
      error,
    );
  });
  if (hasLeft(signal)) throw cancellation(signal);
  if (result.ended === "not-found") {
    throw configInvalid(
      `${from} names ${program}, but PATH has no executable of that name`,
      `Install ${program}, or remove it from the docker configuration.`,
    );
  }
  if (result.exitCode === 1 && result.stdout.trim() === notFound) return undefined;
  const failure = explainFailure(result);
  const output = failure === undefined ? parsed(result.stdout) : {};
  const [user, secret] = [textOf(output.Username), textOf(output.Secret)];
  if (secret !== "" && user === tokenUser) return { from, identityToken: secret };
  if (secret !== "" || user !== "") return { from, username: user, password: secret };
  throw new ImageSourceError({
    code: "SOURCE_DENIED",
    message: `${program} returned no credentials for ${server}: ${failure ?? "its output cannot be parsed"}`,
    hint: `Run \`printf %s ${server} | ${program} get\` to see the error; ${from} names this helper.`,
  });
}

/**
 * Returns why the helper failed; undefined if it succeeded. Its successful output is secret and never shown; the text
 * of a failure may be.
 */
function explainFailure({ ended, exitCode, stdout, stderr }: RunResult): string | undefined {
  if (ended === "timed-out") return `it did not respond within ${String(deadlineMs / 1000)} s`;
  if (ended === "too-much-output") return `it returned more than ${String(maxResponseBytes)} bytes`;
  if (exitCode === 0) return undefined;
  if (exitCode === null) return "it was killed by a signal";
  // A shell that cannot run the program reports that on stderr.
  const output = stdout.trim() === "" && unrunnable.includes(exitCode) ? stderr : stdout;
  const [line = ""] = output.trim().split("\n", 1);
  // Braces mean that the helper printed a result before it failed.
  const text = stdout.includes("{") ? "" : escapeControls(line).slice(0, 200);
  return `it failed with status ${String(exitCode)}${text === "" ? "" : `: ${text}`}`;
}

function parsed(stdout: string): Fields {
  try {
    return fieldsOf(JSON.parse(stdout));
  } catch {
    return {};
  }
}

/** A helper may need any environment variable to find its vault, so all are passed except our own. */
function helperEnvironment(env: Env): Record<string, string> {
  const allowed = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || /^MOLECULE_|^DOCKER_AUTH_CONFIG$/.test(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(allowed);
}
