import {
  inspectPulled,
  isPlatform,
  parseImageReference,
  platformFor,
  templateImageName,
  type Call,
  type Diagnosable,
  type Found,
  type ImageInspection,
  type ImageSource,
  type Missing,
  type Platform,
  type PulledImage,
  type ReadyImage,
  type Recallable,
  type Resolution,
  type RuntimeName,
  type SourceServices,
} from "@molecule/core";
import { diagnoseVerification, imageVerification } from "@molecule/signatures";
import { diagnoseRegistry } from "./diagnose-registry.js";
import { digestOf, hasDigest } from "./image-digests.js";
import {
  notPresent,
  notVerified,
  notVerifiedAndNeverPulled,
  otherDigest,
  otherPlatform,
  otherPlatformPresent,
} from "./mismatch.js";
import { policyFor } from "./pull-policy.js";
import type { WantedImage } from "./look-up-image.js";
import { pullRecords, type PullRecord } from "./pull-records.js";
import { whyDue } from "./why-due.js";
import type { RegistryOptions } from "./registry-options.js";

/** The images that the engine has for a reference. */
interface Present {
  readonly named?: ImageInspection | undefined;
  readonly record?: PullRecord | undefined;
  readonly image?: ImageInspection | undefined;
  /** Whether the options require a signature, and that of this image was not verified. */
  readonly isUnverified?: boolean;
}

/** Pulls `<prefix>/workspace-template-<runtime>:<tag>`, or the pinned digest, with the engine. */
export function registrySource(
  name: string,
  options: RegistryOptions,
  services: SourceServices,
): ImageSource & Diagnosable & Recallable {
  const { engine, clock } = services;
  const { tag, pullPolicy } = options;
  const records = pullRecords(services);
  const configured = options.verify && { verify: options.verify, option: `options.${name}.verify` };
  const verification = configured && imageVerification(configured, services);

  async function ready(
    { reference, platform }: Resolution,
    image: ImageInspection,
    digest: string | null,
    call: Call,
  ): Promise<ReadyImage> {
    const identity = await engine.identify(call);
    return {
      reference,
      imageId: image.id,
      digest,
      revision: null,
      platform,
      buildKey: null,
      engine: identity,
    };
  }

  /** Returns the image of the last pull for this platform. Engines without index support move the tag to the last platform. */
  async function lastPulled(
    record: PullRecord | undefined,
    platform: Platform,
    call: Call,
  ): Promise<ImageInspection | undefined> {
    if (record === undefined) return undefined;
    const image = await engine.inspectImage(record.imageId, { ...call, platform });
    return image !== undefined && isPlatform(image, platform) ? image : undefined;
  }

  /** Returns what the engine has under the reference, and the image there for the platform, if any. */
  async function present({ reference, platform }: Resolution, call: Call): Promise<Present> {
    const named = await engine.inspectImage(reference, { ...call, platform });
    if (named === undefined) return {};
    const record = await records.of(await engine.identify(call), { reference, platform });
    const image = isPlatform(named, platform) ? named : await lastPulled(record, platform, call);
    const policyId = await verification?.policyId();
    const isVerified =
      policyId === undefined || (record?.imageId === image?.id && record?.verifiedBy === policyId);
    return { named, record, image, isUnverified: image !== undefined && !isVerified };
  }

  function referenceOf(runtime: RuntimeName, requested?: Call["requested"]): string {
    const configured = Object.hasOwn(options.pins, runtime) ? options.pins[runtime] : undefined;
    const pin = requested?.digest ?? configured;
    // The variable is used verbatim, so that references in production do not change.
    const repository = templateImageName(services.registry.prefix, runtime);
    return pin === undefined ? `${repository}:${tag}` : `${repository}@${pin}`;
  }

  function wantedOf(runtime: RuntimeName): WantedImage {
    return { runtime, reference: referenceOf(runtime), policy: policyFor(pullPolicy, runtime) };
  }

  async function resolve(runtime: RuntimeName, call: Call): Promise<Resolution> {
    const isPinned = call.requested?.digest !== undefined || Object.hasOwn(options.pins, runtime);
    call.annotate?.({ "molecule.pinned": isPinned });
    const platform = platformFor(call, services.platform) ?? (await engine.describe(call)).platform;
    return {
      runtime,
      reference: referenceOf(runtime, call.requested),
      revision: null,
      buildKey: null,
      platform,
    };
  }

  return {
    name,
    resolve,
    async diagnose(call, scope) {
      const [ofRegistry, ofVerification] = await Promise.all([
        diagnoseRegistry(services, wantedOf, call, scope),
        configured === undefined ? [] : diagnoseVerification(configured, services, call),
      ]);
      return [...ofRegistry, ...ofVerification];
    },

    async find(resolution, call): Promise<Found | Missing> {
      const { runtime, reference, platform } = resolution;
      const policy = policyFor(pullPolicy, runtime);
      if (policy.kind === "always") return { hit: false, why: "pullPolicy is always" };
      const { named, record, image, isUnverified } = await present(resolution, call);
      if (named === undefined) return { hit: false, why: `image not found: ${reference}` };
      if (image === undefined) return { hit: false, why: otherPlatformPresent(reference, named, platform) };
      if (isUnverified === true) return { hit: false, why: notVerified(reference) };
      if (policy.kind === "every") {
        const due = whyDue(policy, record, image, clock.wallMs());
        if (due !== undefined) return { hit: false, why: `pullPolicy is ${policy.written}, and ${due}` };
      }
      return { hit: true, image: await ready(resolution, image, digestOf(image, reference, record), call) };
    },

    async provide(resolution, found, call) {
      if (found !== undefined) return found.image;
      const { runtime, reference, platform } = resolution;
      const policy = policyFor(pullPolicy, runtime);
      if (policy.kind === "never" && !call.fresh) {
        const { isUnverified } = await present(resolution, call);
        throw isUnverified === true ? notVerifiedAndNeverPulled(reference) : notPresent(reference, platform);
      }
      return call.progress.step("pull", reference, async (report) => {
        const verified = await verification?.verify(reference, call);
        const request = { reference: verified?.reference ?? reference, platform };
        const pulled = await engine.pullImage({ ...request, report }, call);
        const image = await inspectPulled(engine, request, pulled, call);
        const wanted = wantedDigest(request.reference, pulled);
        if (image === undefined || (wanted !== undefined && !hasDigest(image, reference, wanted)))
          throw otherDigest(reference, wanted);
        // An engine may pull a manifest for another platform without an error.
        if (!isPlatform(image, platform)) throw otherPlatform(reference, image, platform);
        const digest = pulled.digest ?? digestOf(image, request.reference, undefined);
        const made = await ready(resolution, image, digest, call);
        // A pull by digest leaves the tag where it was.
        if (verified !== undefined && parseImageReference(reference).digest === null)
          await engine.tagImage(image.id, reference, call);
        const record = { ...made, verifiedBy: verified?.policyId };
        const decidesHit = verified !== undefined || policy.kind === "every";
        if (made.engine !== null) await records.add(made.engine, resolution, record, { decidesHit });
        return made;
      });
    },

    async lastGood(runtime, call) {
      if (options.whenRegistryIsDown !== "last-good") return undefined;
      const resolution = await resolve(runtime, call);
      const { reference } = resolution;
      // A pin allows one image only, so there is nothing to fall back to.
      if (parseImageReference(reference).digest !== null) return undefined;
      const { record, image, isUnverified } = await present(resolution, call);
      if (image === undefined || isUnverified === true) return null;
      return ready(resolution, image, digestOf(image, reference, record), call);
    },
  };
}

/** Returns the digest that the image must have; undefined if its ID identifies it. */
function wantedDigest(reference: string, { digest, manifest, imageId }: PulledImage): string | undefined {
  const { digest: pin } = parseImageReference(reference);
  if (manifest !== undefined && (pin === null || pin === digest)) return manifest;
  return pin ?? (imageId === undefined ? digest : undefined);
}
