import { afterAll, beforeAll, describe, test } from "@jest/globals";
import {
  describeWherePossible,
  describeWithEngine,
  describeWithPodman,
  startPrivatePodman,
} from "@molecule/test-fixtures";
import { signatureLaws } from "./signature-laws.test.support.js";
import { cosignNeed } from "./verify/cosign.test.support.js";

const runner = { describe, test, beforeAll, afterAll };
const need = cosignNeed();

describeWithEngine(runner, "signed images", ({ address }) => {
  describeWithCosign(() => {
    signatureLaws(async () => ({ address, stop: async () => undefined }));
  });
});

describeWithPodman(runner, "signed images, with Podman", () => {
  describeWithCosign(() => {
    signatureLaws((insecureRegistries) => startPrivatePodman({ insecureRegistries }));
  });
});

function describeWithCosign(body: () => void): void {
  if (need === undefined) test.skip("Debian 12 has no cosign", () => undefined);
  else describeWherePossible(runner, "with cosign", need, body);
}
