import { defaultPlatform, type ContainerEngine, silentReport } from "@molecule/core";
import { buildContextOf, helloTemplate } from "@molecule/testkit";

/** Builds an untagged image whose entry point is a shell; without arguments it prints `image` and `who`. */
export async function buildShellImage(
  engine: ContainerEngine,
  who: string,
  entryPoint = "/bin/sh",
): Promise<string> {
  const { busybox } = helloTemplate();
  if (typeof busybox !== "object" || !("content" in busybox)) throw new Error("the template has no shell");
  const Dockerfile = `FROM scratch
COPY sh /bin/sh
COPY sh /bin/sleep
ENTRYPOINT ["${entryPoint}", "-c"]
CMD ["echo image ${who}"]
`;
  const { imageId } = await engine.buildImage({
    context: buildContextOf({ Dockerfile, sh: Buffer.from(busybox.content) }),
    platform: defaultPlatform,
    labels: { "molecule.test": `provisioner-${who}` },
    target: undefined,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    report: silentReport,
  });
  return imageId;
}
