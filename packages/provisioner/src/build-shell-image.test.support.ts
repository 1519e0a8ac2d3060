import { Readable } from "node:stream";
import { defaultPlatform, type ContainerEngine, silentReport } from "@molecule/core";
import { helloTemplate } from "@molecule/testkit";

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
    context: Readable.from([tarOf({ Dockerfile, sh: Buffer.from(busybox.content) })]),
    dockerfile: "Dockerfile",
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

/** Returns a tar archive of files, all of them executable. */
function tarOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000755\0", 100);
    header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        0", 148);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
