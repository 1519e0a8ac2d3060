import { expect, test } from "@jest/globals";
import { manifest, manifests, type Manifest } from "./manifests.js";
import { problemsOf } from "./validate.js";

/* The manifests in docs/operating/kubernetes are valid for Kubernetes. */

test("every manifest is valid", async () => {
  expect(manifests.length).toBeGreaterThan(10);
  expect(await problemsOf(manifests)).toEqual([]);
});

test("unknown fields, values, units and kinds, wrong types and missing fields are refused", async () => {
  const good = JSON.stringify(manifest("StatefulSet", "buildkitd"));
  const broken = [
    ['"readinessProbe"', '"readynessProbe"', /"readynessProbe"' does not exist in type 'IContainer'/],
    ['"Parallel"', '"parallel"', /podManagementPolicy must be equal to one of the allowed values/],
    ['"replicas":3', '"replicas":"3"', /replicas must be integer/],
    ['"8Gi"', '"8GiB"', /memory must match format "quantity"/],
    ['"template"', '"templates"', /must have required property template/],
    ['"StatefulSet"', '"StatefulSets"', /apps\/v1 has no such kind/],
  ] as const;
  for (const [text] of broken) expect(good).toContain(text);
  // Together: the compiler takes seconds to start.
  const problems = await problemsOf(
    broken.map(([text, replacement]) => JSON.parse(good.replace(text, replacement)) as Manifest),
  );
  for (const [, , problem] of broken) expect(problems).toContainEqual(expect.stringMatching(problem));
});
