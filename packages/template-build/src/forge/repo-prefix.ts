import { configInvalid, type RuntimeName } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";

/** The parts of `<base>/<org>/<start of the repository name>`. */
export interface RepoPrefix {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Base URL of the forge, which may have a path. No trailing slash. */
  readonly base: string;
  readonly org: string;
  /** Returns the name of the runtime's repository. */
  repository(runtime: RuntimeName): string;
  /** Returns the repository URL for the labels: as configured, whatever the repository is called now. */
  source(runtime: RuntimeName): string;
  /** Whether requests stay on this machine. */
  readonly isLoopback: boolean;
}

const encodedTrap = /%(?:[01][0-9a-f]|7f|2e|2f|5c)/i;

function whatIsWrong(written: string): string | undefined {
  if (/[\r\n]$/.test(written)) return "it ends with a line break";
  // eslint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(written))
    return "it has a space, a control character or a backslash";
  if (encodedTrap.test(written)) return "it has an encoded control character, dot or slash";
  // With a third slash, the parser takes the next part as the host.
  if (!/^https?:\/\/(?!\/)/i.test(written)) return "it does not start with https:// or http://";
  if (!URL.canParse(written)) return "it is not a URL";
  if (/[?#]/.test(written)) return "it has a query or a fragment";
  const url = new URL(written);
  if (/^[^/]*\/\/[^/]*@/.test(written)) return "it has a user; a token goes into MOLECULE_GITEA_TOKEN";
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(written)) return "it has a . or .. in its path";
  const segments = url.pathname.split("/").slice(1);
  if (segments.length < 2 || segments.slice(0, -1).includes("")) return "it has no organisation";
  return undefined;
}

/** Anything before an @ or in a query may be a password or a token. */
function withoutSecrets(written: string): string {
  return written
    .replace(/^(https?:\/\/)?.*@/is, "$1***@")
    .replace(/[?#].*$/s, (rest) => `${rest.charAt(0)}***`);
}

/** Returns the parts, or throws `CONFIG_INVALID`. */
export function parseRepoPrefix(written: string): RepoPrefix {
  const wrong = whatIsWrong(written);
  if (wrong !== undefined) {
    throw configInvalid(
      `the template repository prefix ${JSON.stringify(withoutSecrets(written))} cannot be used: ${wrong}`,
      "Write <base>/<org>/<start of the repository name> in MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX or repoPrefix, " +
        "for example https://git.example.com/acme/template-.",
    );
  }
  const { origin, pathname, hostname } = new URL(written);
  const segments = pathname.split("/").slice(1);
  const [org = "", start = ""] = segments.slice(-2);
  const base = [origin, ...segments.slice(0, -2)].join("/");
  return {
    origin,
    base,
    org,
    repository: (runtime) => `${start}${runtime}`,
    source: (runtime) => `${written}${runtime}`,
    isLoopback: isLoopback(hostname),
  };
}
