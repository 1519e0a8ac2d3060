import type { IncomingHttpHeaders } from "node:http";

/** A push to a branch. */
export interface Push {
  /** The names that the forge gives the repository: `<owner>/<name>`, with groups for GitLab. */
  readonly repository: string;
  readonly branch: string;
  /** Undefined if the forge does not say. */
  readonly defaultBranch: string | undefined;
}

/** Why a request is not a push to a branch. */
export interface NoPush {
  readonly ignored: string;
}

/** The headers that name the event. Gitea and Forgejo send GitHub's too. */
const eventHeaders = ["x-github-event", "x-gitea-event", "x-forgejo-event", "x-gogs-event", "x-gitlab-event"];
const pushEvents = ["push", "Push Hook"];
const branchPrefix = "refs/heads/";

/** Parses the event of Gitea, Forgejo, GitHub or GitLab. Throws a `SyntaxError` if the body is not JSON. */
export function parsePush(headers: IncomingHttpHeaders, body: Uint8Array): Push | NoPush {
  const event = eventHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  if (typeof event !== "string") return { ignored: "no header names the event" };
  if (!pushEvents.includes(event)) return { ignored: "the event is not a push" };
  const payload = objectAt(JSON.parse(jsonIn(headers, body)));
  // GitLab names the repository in `project`, the others in `repository`.
  const [project, repository] = [objectAt(payload["project"]), objectAt(payload["repository"])];
  const name = textAt(project["path_with_namespace"]) ?? textAt(repository["full_name"]);
  if (name === undefined) return { ignored: "the event names no repository" };
  const ref = textAt(payload["ref"]) ?? "";
  if (!ref.startsWith(branchPrefix)) return { ignored: "the push is not to a branch" };
  if (/^0+$/.test(textAt(payload["after"]) ?? "")) return { ignored: "the branch was deleted" };
  const defaultBranch = textAt(project["default_branch"]) ?? textAt(repository["default_branch"]);
  return { repository: name, branch: ref.slice(branchPrefix.length), defaultBranch };
}

/** GitHub and Gitea can also send the JSON as a field of a form. curl sends plain JSON with the type of a form. */
function jsonIn(headers: IncomingHttpHeaders, body: Uint8Array): string {
  const text = Buffer.from(body).toString("utf8");
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  return isForm ? (new URLSearchParams(text).get("payload") ?? text) : text;
}

function objectAt(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textAt(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
