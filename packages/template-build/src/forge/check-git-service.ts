import { ImageSourceError, type Fetch } from "@molecule/core";
import { boundedGet, isBodyTooLong, type BoundedResponse } from "@molecule/node-edges";
import { deniedHint, notFoundHint, redirectedHint } from "../checkout/git-conditions.js";
import type { GitRemote } from "../checkout/git-remote.js";
import { quoteServerText } from "../checkout/quote-server-text.js";

const limits = { maxBytes: 65_536, deadlineMs: 8_000 };
const advertised = "application/x-git-upload-pack-advertisement";

/**
 * Sends the first request of a fetch. Rejects with the error that would make the fetch fail: a forge's API
 * may accept credentials that its git service refuses.
 * @param isFollowed whether the lookup follows redirects, so that the fetch gets the new address
 */
export async function checkGitService(
  fetch: Fetch,
  remote: GitRemote,
  signal: AbortSignal,
  isFollowed = false,
): Promise<void> {
  const url = `${remote.url}/info/refs?service=git-upload-pack`;
  const { authorization } = remote;
  const headers = {
    accept: "*/*",
    // Version 2 returns the server's capabilities; version 1 lists every branch.
    "git-protocol": "version=2",
    ...(authorization === undefined ? {} : { authorization }),
  };
  try {
    const response = await boundedGet(fetch, url, { headers, ...limits, signal });
    refuse(response, isFollowed ? response.url : url, remote);
  } catch (error) {
    // A branch list that is too long for this check is still fine for git.
    if (!isBodyTooLong(error)) throw error;
  }
}

function refuse(response: BoundedResponse, url: string, remote: GitRemote): void {
  const { status } = response;
  const serverText = response.contentType.startsWith("text/plain") ? response.body : "";
  const facts = { remote, serverText, location: response.url };
  const message = `git at ${remote.url} returned ${String(status)}${quoteServerText(serverText)}`;
  if (response.url !== url) {
    throw new ImageSourceError({
      code: "CHECKOUT_FAILED",
      message: `git at ${remote.url} is redirected to ${response.url}`,
      hint: redirectedHint(facts),
    });
  }
  if (status === 401 || status === 403)
    throw new ImageSourceError({ code: "SOURCE_DENIED", message, hint: deniedHint(facts) });
  if (status === 404)
    throw new ImageSourceError({ code: "SOURCE_NOT_FOUND", message, hint: notFoundHint(facts) });
  if (status !== 200) {
    throw new ImageSourceError({
      code: "SOURCE_UNREACHABLE",
      message,
      hint: "Retry; if the error persists, check the forge's log.",
    });
  }
  if (!response.contentType.startsWith(advertised)) {
    throw new ImageSourceError({
      code: "SOURCE_MALFORMED",
      message: `git at ${remote.url} is not git over HTTP (${response.contentType || "no content type"})`,
      hint: "Check the template repository prefix: it must lead to git over HTTP, with no login page in front of it.",
    });
  }
}
