import { createHash } from "node:crypto";
import {
  ImageSourceError,
  defaultPlatform,
  isPlatform,
  parseCommitSha,
  shortSha,
  type Call,
  type ErrorCode,
  type FetchAnswer,
  type ImageSource,
  type ReadyImage,
  type Resolution,
  type SourceServices,
} from "@molecule/core";
import { buildContextOf } from "../../files/build-context-of.js";

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "SOURCE_DENIED",
  403: "SOURCE_DENIED",
  404: "SOURCE_NOT_FOUND",
};

const hint = "Check the server.";

function unreachable(message: string, cause?: unknown): ImageSourceError {
  return new ImageSourceError({ code: "SOURCE_UNREACHABLE", message, hint, transient: {}, cause });
}

async function readAtMost(maxBytes: number, body: FetchAnswer["body"]): Promise<string> {
  let text = "";
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.length > maxBytes) throw unreachable(`the server returned more than ${String(maxBytes)} bytes`);
  }
  return text;
}

/** Requests the current commit, fetches its text, and has the engine build an image that prints it. */
export function referenceSource(address: string, services: SourceServices): ImageSource {
  const { engine, env, fetch, platform = defaultPlatform, store } = services;

  async function get(path: string, { signal }: Call): Promise<string> {
    const url = `${address}/${path}`;
    const headers = { authorization: `token ${env.REFERENCE_TOKEN ?? ""}` };
    const { status, body } = await fetch(url, { headers, redirect: "manual", signal }).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        throw unreachable(`cannot reach ${url}`, error);
      },
    );
    if (status !== 200) {
      const message = `${url} returned status ${String(status)}`;
      const code = codes[status];
      throw code === undefined ? unreachable(message) : new ImageSourceError({ code, message, hint });
    }
    return readAtMost(4096, body);
  }

  async function ready(resolution: Resolution, imageId: string, call: Call): Promise<ReadyImage> {
    const { reference, revision, buildKey } = resolution;
    const identity = await engine.identify(call);
    return { reference, imageId, digest: null, revision, platform, buildKey, engine: identity };
  }

  const labelsOf = ({ revision, buildKey }: Resolution): Record<string, string> => ({
    revision: revision ?? "",
    "build-key": buildKey ?? "",
  });

  return {
    name: "reference",

    async resolve(runtime, call) {
      const revision = parseCommitSha(await get(`heads/${runtime}`, call));
      const reference = `reference/${runtime}:${shortSha(revision)}`;
      const buildKey = createHash("sha256").update(`${revision} ${platform}`).digest("hex");
      return { runtime, reference, revision, buildKey, platform };
    },

    async find(resolution, call) {
      const { reference } = resolution;
      const image = await engine.inspectImage(reference, call);
      if (image === undefined) return { hit: false, why: `image not found: ${reference}` };
      const labels = Object.entries(labelsOf(resolution));
      if (!isPlatform(image, platform) || labels.some(([name, value]) => image.labels[name] !== value))
        return { hit: false, why: `${reference} is a different image` };
      return { hit: true, image: await ready(resolution, image.id, call) };
    },

    async provide(resolution, found, call) {
      if (found !== undefined) return found.image;
      const { reference, revision } = resolution;
      const work = await store.workDirectory(`.reference/${reference.replaceAll("/", "-")}`);
      try {
        const message = await call.progress.step("checkout", reference, async () => {
          const content = await get(`contents/${revision ?? ""}`, call);
          await work.write("message.txt", content);
          return content;
        });
        const imageId = await call.progress.step("build", reference, async (report) => {
          const made = await engine.buildImage(
            {
              context: buildContextOf({ "message.txt": `${message}\n` }),
              platform,
              labels: labelsOf(resolution),
              target: undefined,
              buildArgs: {},
              noCache: call.fresh,
              pullBases: call.fresh,
              report,
            },
            call,
          );
          return made.imageId;
        });
        await call.progress.step("tag", reference, () => engine.tagImage(imageId, reference, call));
        return { ...(await ready(resolution, imageId, call)), built: true };
      } finally {
        await work.remove();
      }
    },
  };
}
