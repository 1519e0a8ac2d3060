import { createHash } from "node:crypto";
import { silentReport } from "@molecule/core";
import { buildContextOf } from "../../files/build-context-of.js";
import { respond, startHttpServer } from "../../http/http-server.js";
import type { SuiteUpstream, SuiteWorld } from "../world/suite-options.js";

/** A server that reports the current commit and its content to every client with the token. */
export async function referenceUpstream(world: SuiteWorld): Promise<SuiteUpstream> {
  const heads = new Map<string, string>();
  const contents = new Map<string, string>();
  const server = await startHttpServer((request, response) => {
    const [, kind = "", name = ""] = (request.url ?? "").split("/");
    const body = kind === "heads" ? heads.get(name) : contents.get(name);
    if (request.headers.authorization !== `token ${world.secret}`)
      respond(response, 401, {}, "unauthorized\n");
    else if (body === undefined) respond(response, 404, {}, "not found\n");
    else respond(response, 200, {}, body);
  });
  const address = await world.door(`http://127.0.0.1:${String(server.port)}`);
  return {
    options: { address },
    env: { REFERENCE_TOKEN: world.secret },
    async publish(runtime, version) {
      const commit = createHash("sha1").update(`${runtime} ${version}`).digest("hex");
      heads.set(runtime, commit);
      contents.set(commit, version);
    },
    async impostor(reference) {
      await world.engine.tagImage(await otherImage(world), reference);
    },
    stop: () => server.stop(),
  };
}

async function otherImage({ engine, platform }: SuiteWorld): Promise<string> {
  const { imageId } = await engine.buildImage({
    context: buildContextOf({}),
    platform,
    labels: { "not-what": "was resolved" },
    target: undefined,
    buildArgs: {},
    noCache: false,
    pullBases: false,
    report: silentReport,
  });
  return imageId;
}
