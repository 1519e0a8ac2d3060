import { afterAll, beforeAll, describe, test } from "@jest/globals";
import {
  describeWithCosign,
  describeWithEngine,
  describeWithPodman,
  startPrivatePodman,
} from "@molecule/test-fixtures";
import { signatureLaws } from "./signature-laws.test.support.js";

const runner = { describe, test, beforeAll, afterAll };

describeWithEngine(runner, "signed images", ({ address }) => {
  describeWithCosign(runner, () => {
    signatureLaws(async () => ({ address, stop: async () => undefined }));
  });
});

describeWithPodman(runner, "signed images, with Podman", () => {
  describeWithCosign(runner, () => {
    signatureLaws((insecureRegistries) => startPrivatePodman({ insecureRegistries }));
  });
});
