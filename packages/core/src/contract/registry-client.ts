import type { EngineCall } from "./engine-call.js";
import type { Platform, PlatformParts } from "../values/platform.js";

/** Options of a query to a registry. */
export interface RegistryCall extends EngineCall {
  /** Whether plain http is used if https fails. Default: only for a registry on loopback. */
  readonly allowsHttp?: boolean | undefined;
}

/** An image of a registry, for one platform. */
export interface RegistryImage extends PlatformParts {
  /** The digest that the reference resolved to, which may be that of an index. */
  readonly digest: string;
  /** The digest of the image's own manifest. */
  readonly manifest: string;
  /** The digest of its configuration, which is its ID on engines with a graph driver. */
  readonly config: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Reads and tags images of registries without an engine, with this user's credentials. Every method rejects with an
 * `ImageSourceError`: `SOURCE_UNREACHABLE`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`, `SOURCE_MALFORMED`, `SOURCE_MISMATCH`,
 * or `CANCELLED` when the signal aborts.
 */
export interface RegistryClient {
  /**
   * Returns the digest that a reference resolves to, without downloading the manifest. A registry can lie here: use the
   * image by this digest only, which verifies its content.
   */
  resolveDigest(reference: string, options?: RegistryCall): Promise<string>;
  /**
   * Returns the platform's image of an index, or a single image if it is for that platform. The digest of everything
   * that is read is verified. Rejects with `SOURCE_MISMATCH` if there is no image for the platform.
   */
  readImage(reference: string, platform: Platform, options?: RegistryCall): Promise<RegistryImage>;
  /**
   * Gives an image or an index another tag in its repository; a tag that exists moves.
   * @param reference by digest
   */
  tagImage(reference: string, tag: string, options?: RegistryCall): Promise<void>;
}
