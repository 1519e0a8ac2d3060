import * as runner from "@jest/globals";
import { expect, test } from "@jest/globals";
import { describeWithBuildkit } from "@molecule/test-fixtures";
import { failureOf } from "@molecule/test-fixtures/source";
import { helloTemplate } from "@molecule/testkit";
import { repositoryOf, useRegistry } from "./use-registry.test.support.js";

describeWithBuildkit(runner, "a build with attestations", (buildkit) => {
  const registry = useRegistry(buildkit);

  test("pushes provenance, and finds the image of its index again", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate({ message: "attested" }));
    const images = await registry.open({ attest: { provenance: "max" } });
    const built = await images.ensure(runtime);
    const index = await registry.reader.manifest(`${repositoryOf(runtime)}@${String(built.digest)}`);
    const [image, attestation] = index?.manifests ?? [];
    expect(image).toMatchObject({ platform: { os: "linux", architecture: "amd64" } });
    expect(attestation).toMatchObject({
      platform: { os: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image?.digest,
      },
    });
    const own = await registry.reader.manifest(`${repositoryOf(runtime)}@${image?.digest ?? ""}`);
    expect(own?.config?.digest).toBe(built.imageId);
    const { layers = [] } =
      (await registry.reader.manifest(`${repositoryOf(runtime)}@${attestation?.digest ?? ""}`)) ?? {};
    const statement = await registry.reader.blob(repositoryOf(runtime), layers[0]?.digest ?? "");
    expect(JSON.parse(statement.toString())).toMatchObject({
      predicateType: expect.stringContaining("slsa.dev/provenance"),
      subject: [expect.objectContaining({ digest: { sha256: image?.digest.slice(7) } })],
    });
    expect(await images.ensure(runtime)).toMatchObject({ cached: true, reference: built.reference });
  });

  test("passes on the error of an SBOM generator that cannot be pulled", async () => {
    const { runtime } = await registry.world.addTemplate(helloTemplate());
    const sbom = `${registry.door.host}/team/scanner:1`;
    const images = await registry.open({ attest: { sbom } });
    expect(await failureOf(images.ensure(runtime))).toMatchObject({
      code: "SOURCE_NOT_FOUND",
      message: expect.stringContaining(sbom),
    });
    expect(await registry.tags(runtime)).toEqual([]);
  });
});
