import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { describeWithEngine, describeWithPodman, startPrivatePodman } from "@molecule/test-fixtures";
import { platformLaws } from "./platform-laws.test.support.js";

describeWithEngine({ describe, test }, "the platforms of an index", ({ address }) => {
  platformLaws(async () => ({ address, stop: async () => undefined }));
});

describeWithPodman({ describe, test, beforeAll, afterAll }, "the platforms of an index, with Podman", () => {
  platformLaws((host) => startPrivatePodman({ insecureRegistries: [host] }));
});
