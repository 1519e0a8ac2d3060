import { definePlugin, type ImageSource, type SourcePlugin, type SourceServices } from "@molecule/core";
import { referenceSource } from "./reference-source.js";

export interface ReferenceOptions {
  readonly address: string;
}

/** A well-behaved source, small enough to understand at a glance. */
export const referencePlugin = definePlugin<ReferenceOptions>({
  name: "reference",
  apiVersion: 1,
  modes: ["local"],
  options: {
    "~standard": {
      version: 1,
      vendor: "testkit",
      validate: (value) => {
        const isAddress =
          typeof value === "object" && value !== null && Object.keys(value).join() === "address";
        return isAddress
          ? { value: value as ReferenceOptions }
          : { issues: [{ message: "write { address }" }] };
      },
    },
  },
  create: (options, services) => referenceSource(options.address, services),
});

/** The well-behaved source, with the villain's change applied. */
export function villain(
  spoil: (honest: ImageSource, services: SourceServices, options: ReferenceOptions) => Partial<ImageSource>,
): SourcePlugin<ReferenceOptions> {
  return {
    ...referencePlugin,
    create: (options, services) => {
      const honest = referencePlugin.create(options, services);
      return { ...honest, ...spoil(honest, services, options) };
    },
  };
}
