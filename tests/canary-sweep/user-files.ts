import { password, token } from "./canaries.js";
import { talkativePlugin } from "./talkative-plugin.js";

/** Files that a user may have, by path; they are not searched, because they contain the canaries. */
export const userFiles: Readonly<Record<string, string>> = {
  "found/.git/x": "",
  "found/.moleculerc": JSON.stringify({
    cacheDir: `/c/${token}`,
    engine: `tcp://canary:${password}@evil:2375`,
  }),
  "missing.json": JSON.stringify({ plugins: [`./${encodeURIComponent(token)}.mjs`] }),
  "broken.json": JSON.stringify({ plugins: ["./broken.mjs"], sources: { local: "broken" } }),
  "broken.mjs": "throw Object.assign(new Error(process.env.SAID), { said: process.env.SAID });",
  "invalid.json": JSON.stringify({ plugins: ["./invalid.mjs"], sources: { local: "invalid" } }),
  "invalid.mjs":
    "export default { name: process.env.SAID, apiVersion: 1, modes: [process.env.SAID], create() {} };",
  "unknown.json": JSON.stringify({ [token]: password, platform: password }),
  "talkative.json": JSON.stringify({ plugins: ["./talkative.mjs"], sources: { local: "talkative" } }),
  "talkative.mjs": talkativePlugin,
  "short.json": JSON.stringify({ timeout: "2s" }),
  "impatient.json": JSON.stringify({ stallAfter: "2s" }),
  file: "no directory",
};
