import { expect, test } from "@jest/globals";
import {
  createMask,
  defaultPlatform,
  ImageSourceError,
  isDiagnosable,
  parseRuntimeName,
  silentLog,
  silentProgress,
  systemClock,
  type SourceServices,
} from "@molecule/core";
import plugin from "./index.js";

test("the forge, the builder and the registry are checked at the same time", async () => {
  const failure = new ImageSourceError({ code: "SOURCE_UNREACHABLE", message: "down", hint: "Start it." });
  const contacted = new Set<string>();
  let isEveryPartContacted = (): void => undefined;
  const everyPart = new Promise<void>((resolve) => (isEveryPartContacted = resolve));
  /** Fails once all parts have been contacted. */
  const contact = async (part: string): Promise<never> => {
    contacted.add(part);
    if (contacted.size === 3) isEveryPartContacted();
    await everyPart;
    throw failure;
  };
  const services: Partial<SourceServices> = {
    env: {},
    registry: { mode: "local", prefix: "molecule-local" },
    platform: defaultPlatform,
    registryClient: {
      resolveDigest: () => contact("registry"),
      readImage: () => Promise.reject(failure),
      tagImage: () => Promise.reject(failure),
    },
    fetch: () => contact("forge"),
    run: (file) => (file === "buildctl" ? contact("builder") : Promise.reject(failure)),
    clock: systemClock,
    log: silentLog,
    mask: createMask(),
  };
  const options = await plugin.options?.["~standard"].validate({
    into: "registry",
    registry: "registry.example.com/team",
  });
  if (options === undefined || options.issues !== undefined) throw new Error("the options were rejected");
  const source = plugin.create(options.value, services as SourceServices);
  if (!isDiagnosable(source)) throw new Error("the source has no checks");
  const call = {
    signal: new AbortController().signal,
    progress: silentProgress,
    log: silentLog,
    fresh: false,
  };
  const findings = await source.diagnose(call, { named: [], allowed: [parseRuntimeName("hermes")] });
  const { message } = failure;
  expect(findings).toEqual(
    expect.arrayContaining(
      ["forge", "buildkit", "registry"].map((id) => expect.objectContaining({ id, message })),
    ),
  );
});
