import { setTimeout as sleep } from "node:timers/promises";
import { villain } from "./reference-plugin.js";

/** Does not wait for a step that it began. */
export const leavesStepsOpen = villain((honest) => ({
  async provide(resolution, found, call) {
    const image = await honest.provide(resolution, found, call);
    void call.progress.step("tag", `${resolution.reference} as well`, () => sleep(30));
    return image;
  },
}));
