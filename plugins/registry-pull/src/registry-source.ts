import {
  isPlatform,
  parseImageReference,
  type Call,
  type Diagnosable,
  type Found,
  type ImageInspection,
  type ImageSource,
  type Missing,
  type ReadyImage,
  type Resolution,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import { diagnoseRegistry } from "./diagnose-registry.js";
import { digestOf, hasDigest, withDigest } from "./image-digests.js";
import { notPresent, otherDigest, otherPlatform, written } from "./mismatch.js";
import { policyFor } from "./pull-policy.js";
import { pullRecords } from "./pull-records.js";
import { whyDue } from "./why-due.js";
import type { RegistryOptions } from "./registry-options.js";

/** Pulls `<prefix>/workspace-template-<runtime>:<tag>`, or the digest that is pinned, with the engine. */
export function registrySource(
  name: string,
  options: RegistryOptions,
  services: SourceServices,
): ImageSource & Diagnosable {
  const { engine, clock } = services;
  const { tag, pullPolicy } = options;
  const records = pullRecords(services);

  async function ready(
    { reference, platform }: Resolution,
    image: ImageInspection,
    digest: string | null,
    call: Call,
  ): Promise<ReadyImage> {
    const held = await engine.identify(call);
    return { reference, imageId: image.id, digest, revision: null, platform, buildKey: null, engine: held };
  }

  function referenceOf(runtime: RuntimeName): string {
    const pin = Object.hasOwn(options.pins, runtime) ? options.pins[runtime] : undefined;
    // As the variable has it, letter for letter: production's references do not change.
    const repository = `${services.registry.prefix}/workspace-template-${runtime}`;
    return pin === undefined ? `${repository}:${tag}` : `${repository}@${pin}`;
  }

  return {
    name,
    diagnose: (call) => diagnoseRegistry(options, services, call),

    async resolve(runtime, call) {
      const platform = services.platform ?? (await engine.describe(call)).platform;
      return { runtime, reference: referenceOf(runtime), revision: null, buildKey: null, platform };
    },

    async find(resolution, call): Promise<Found | Missing> {
      const { runtime, reference, platform } = resolution;
      const policy = policyFor(pullPolicy, runtime);
      if (policy.kind === "always") return { hit: false, why: "pullPolicy is always" };
      const image = await engine.inspectImage(reference, call);
      if (image === undefined) return { hit: false, why: `there is no image ${reference}` };
      if (!isPlatform(image, platform)) {
        return { hit: false, why: `${reference} is there for ${written(image)}, not for ${platform}` };
      }
      const record = await records.of(await engine.identify(call), reference);
      if (policy.kind === "every") {
        const due = whyDue(policy, record, image, clock.wallMs());
        if (due !== undefined) return { hit: false, why: `pullPolicy is ${policy.written}, and ${due}` };
      }
      return { hit: true, image: await ready(resolution, image, digestOf(image, reference, record), call) };
    },

    async provide(resolution, found, call) {
      if (found !== undefined) return found.image;
      const { runtime, reference, platform } = resolution;
      if (policyFor(pullPolicy, runtime).kind === "never" && !call.fresh)
        throw notPresent(reference, platform);
      return call.progress.step("pull", reference, async (report) => {
        const { digest } = await engine.pullImage({ reference, platform, report }, call);
        // By the digest: the tag may have been moved again by now, here or in the registry.
        const image = await engine.inspectImage(withDigest(reference, digest), call);
        const asked = parseImageReference(reference).digest ?? digest;
        if (image === undefined || (asked !== undefined && !hasDigest(image, reference, asked)))
          throw otherDigest(reference, asked);
        // An engine pulls a manifest of another platform without a word.
        if (!isPlatform(image, platform)) throw otherPlatform(reference, image, platform);
        const made = await ready(resolution, image, digest ?? digestOf(image, reference, undefined), call);
        if (made.engine !== null) await records.add(made.engine, reference, made);
        return made;
      });
    },
  };
}
