import { expect, test } from "@jest/globals";
import { parseRuntimeName } from "@molecule/core";
import { policyFor } from "./pull-policy.js";
import { whyDue } from "./why-due.js";

const hour = 3_600_000;
const every = { kind: "every", milliseconds: 6 * hour, written: "every_6h" } as const;
const now = Date.UTC(2026, 10, 25);
const record = (pulledAt: number, imageId = "sha256:one") => ({ imageId, digest: null, pulledAt });
const image = { id: "sha256:one" };

test.each([
  ["that is new", record(now), undefined],
  ["that is just young enough", record(now - 6 * hour + 1), undefined],
  ["that is just old enough", record(now - 6 * hour), "it was last pulled 21600 s ago"],
  ["in the future", record(now + 1), "it was last pulled in the future"],
  ["ten years in the future", record(now + 10 * 365 * 24 * hour), "it was last pulled in the future"],
  ["of another image", record(now, "sha256:two"), "the image present is not the one last pulled"],
  ["that does not exist", undefined, "the time of the last pull is unknown"],
])("after a pull %s", (_what, known, why) => {
  expect(whyDue(every, known, image, now)).toBe(why);
});

test("uses the policy of the runtime, else the default one, else missing", () => {
  const [hermes, codex, constructor] = ["hermes", "codex", "constructor"].map((name) =>
    parseRuntimeName(name),
  );
  if (hermes === undefined || codex === undefined || constructor === undefined)
    throw new Error("unreachable");
  expect(policyFor("always", hermes)).toEqual({ kind: "always" });
  expect(policyFor("every_6h", hermes)).toEqual(every);
  const written = { hermes: "never", default: "every_6h" };
  expect(policyFor(written, hermes)).toEqual({ kind: "never" });
  expect(policyFor(written, codex)).toEqual(every);
  expect(policyFor({ hermes: "never" }, codex)).toEqual({ kind: "missing" });
  expect(policyFor({ hermes: "never" }, constructor)).toEqual({ kind: "missing" });
});
