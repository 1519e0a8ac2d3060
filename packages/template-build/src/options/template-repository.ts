import { configInvalid, type RuntimeName } from "@molecule/core";
import { isLoopback } from "@molecule/node-edges";

/** The address of one template's repository. */
export interface TemplateRepository {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Base URL of the forge, which may have a path. No trailing slash. */
  readonly base: string;
  readonly org: string;
  /** Without `.git`. */
  readonly name: string;
  /** The URL for git. */
  readonly url: string;
  /** The URL for the labels: as configured, whatever the repository is called now. */
  readonly source: string;
  /** Whether requests stay on this machine. */
  readonly isLoopback: boolean;
  /** Whether it is configured for this runtime alone. */
  readonly isOwn: boolean;
}

/** The options that say where the template of a runtime is. */
export interface RepositoryOptions {
  /** `<base>/<org>/<start of the repository name>`. */
  readonly repoPrefix: string;
  /** The whole URL; takes precedence. */
  readonly repo: string | undefined;
  readonly forge: "gitea" | "git";
}

const encodedTrap = /%(?:[01][0-9a-f]|7f|2e|2f|5c)/i;

function faultIn(written: string, minSegments: number): string | undefined {
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
  if (/^[^/]*\/\/[^/]*@/.test(written)) return "it has a user; a token goes into a variable";
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(written)) return "it has a . or .. in its path";
  const segments = url.pathname.split("/").slice(1);
  if (segments.slice(0, -1).includes("")) return "it has an empty part in its path";
  return segments.length < minSegments ? "it has no organisation" : undefined;
}

/** Returns why this cannot be the URL of a repository; undefined if it can. Gitea also needs an organisation. */
export function repositoryFault(written: string): string | undefined {
  const wrong = faultIn(written, 1);
  if (wrong !== undefined) return wrong;
  return /\/(?:\.git)?$/i.test(new URL(written).pathname) ? "it does not name a repository" : undefined;
}

/** Anything before an @ or in a query may be a password or a token. */
function withoutSecrets(written: string): string {
  return written
    .replace(/^(https?:\/\/)?.*@/is, "$1***@")
    .replace(/[?#].*$/s, (rest) => `${rest.charAt(0)}***`);
}

/** Throws `CONFIG_INVALID` for a prefix that no repository can have. */
export function assertRepoPrefix(written: string, forge: RepositoryOptions["forge"]): void {
  const wrong = faultIn(written, forge === "gitea" ? 2 : 1);
  if (wrong === undefined) return;
  throw configInvalid(
    `the template repository prefix ${JSON.stringify(withoutSecrets(written))} cannot be used: ${wrong}`,
    "Write <base>/<org>/<start of the repository name> in MOLECULE_LOCAL_TEMPLATE_REPO_PREFIX or repoPrefix, " +
      "for example https://git.example.com/acme/template-.",
  );
}

/** Returns the address of a runtime's template, or throws `CONFIG_INVALID`. */
export function repositoryOf(
  runtime: RuntimeName,
  { repo, repoPrefix, forge }: RepositoryOptions,
): TemplateRepository {
  if (repo === undefined) {
    assertRepoPrefix(repoPrefix, forge);
    const source = `${repoPrefix}${runtime}`;
    return { ...addressAt(`${new URL(source).href}.git`), source, isOwn: false };
  }
  const wrong = repositoryFault(repo) ?? faultIn(repo, forge === "gitea" ? 2 : 1);
  if (wrong === undefined) {
    // Gitea serves both; another server may serve only what the user wrote.
    const { href } = new URL(repo);
    return {
      ...addressAt(forge === "gitea" ? href.replace(/(?:\.git)?$/, ".git") : href),
      source: repo,
      isOwn: true,
    };
  }
  throw configInvalid(
    `the template repository ${JSON.stringify(withoutSecrets(repo))} of ${runtime} cannot be used: ${wrong}`,
    `Write the repository's https URL in \`templates.${runtime}.repo\`, for example https://git.example.com/acme/template.`,
  );
}

function addressAt(git: string): Omit<TemplateRepository, "source" | "isOwn"> {
  const { origin, pathname, hostname, href } = new URL(git);
  const segments = pathname.split("/").slice(1);
  const [org = "", name = ""] = segments.length < 2 ? ["", ...segments] : segments.slice(-2);
  return {
    origin,
    base: [origin, ...segments.slice(0, -2)].join("/"),
    org,
    name: name.replace(/\.git$/, ""),
    url: href,
    isLoopback: isLoopback(hostname),
  };
}
