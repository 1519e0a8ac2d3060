import { createHash, randomUUID } from "node:crypto";
import { request } from "node:http";
import { helloTemplate } from "@molecule/testkit";

interface Question {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Sends a request to the engine on a socket; returns the body, or rejects with the error text. */
function ask(address: string, { method = "POST", path, query = {}, body }: Question): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: address.replace("unix://", ""),
        method,
        path: `${path}?${new URLSearchParams(query).toString()}`,
        headers: {
          "content-type": "application/x-tar",
          "x-registry-auth": Buffer.from("{}").toString("base64"),
        },
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode !== 200 || text.includes("errorDetail"))
            reject(new Error(`${path}: ${text}`));
          else resolve(text);
        });
      },
    );
    call.on("error", (cause) => {
      reject(new Error(`${method} ${path}: ${cause.message}`, { cause }));
    });
    call.end(body);
  });
}

/** Returns a tar archive of the files. */
function tarOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(name.startsWith("bin/") ? "0000755\0" : "0000644\0", 100);
    header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        0", 148);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const sha256 = (content: string | Buffer): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Loads a unique image for any architecture under that name into the engine. Returns its ID. */
export function loadImage(address: string, reference: string, architecture: string): Promise<string> {
  return load(address, reference, { architecture, files: { "etc/who": randomUUID() }, config: {} });
}

/** Loads an image that prints the text and a newline into the engine. Returns its ID. */
export function loadPrinter(address: string, reference: string, printed: string): Promise<string> {
  const { busybox } = helloTemplate();
  if (typeof busybox !== "object" || !("content" in busybox)) throw new TypeError("busybox is missing");
  return load(address, reference, {
    architecture: "amd64",
    files: { "bin/cat": Buffer.from(busybox.content), "message.txt": `${printed}\n` },
    config: { Cmd: ["/bin/cat", "/message.txt"] },
  });
}

async function load(
  address: string,
  reference: string,
  image: {
    readonly architecture: string;
    readonly files: Readonly<Record<string, string | Buffer>>;
    readonly config: object;
  },
): Promise<string> {
  const layer = tarOf(image.files);
  const config = JSON.stringify({
    architecture: image.architecture,
    os: "linux",
    config: image.config,
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
  });
  const manifest = JSON.stringify([{ Config: "config.json", RepoTags: [reference], Layers: ["layer.tar"] }]);
  await ask(address, {
    path: "/images/load",
    query: { quiet: "1" },
    body: tarOf({ "config.json": config, "layer.tar": layer, "manifest.json": manifest }),
  });
  // Depending on the image store, the ID is a digest of the configuration or of the manifest.
  const { Id } = JSON.parse(await ask(address, { method: "GET", path: `/images/${reference}/json` })) as {
    readonly Id: string;
  };
  return Id;
}

/** Pushes the image with that name. Returns its digest in the registry. */
export async function push(address: string, reference: string): Promise<string> {
  const colon = reference.lastIndexOf(":");
  const text = await ask(address, {
    path: `/images/${reference.slice(0, colon)}/push`,
    query: { tag: reference.slice(colon + 1) },
  });
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(text)?.[1];
  if (digest === undefined) throw new Error(`nothing was pushed: ${text}`);
  return digest;
}
