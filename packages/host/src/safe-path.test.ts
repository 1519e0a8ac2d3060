import { expect, test } from "@jest/globals";
import { withSafePath } from "./safe-path.js";

test.each([
  ["/usr/bin:/bin", "/usr/bin:/bin"],
  [".:/bin", "/bin"],
  ["/bin:", "/bin"],
  ["bin:./x:../y:/bin", "/bin"],
  ["/work/here:/bin", "/bin"],
  ["/work/here/:/work/./here:/work/here/bin", "/work/here/bin"],
])("of the PATH %j in /work/here, %j is searched", (written, searched) => {
  expect(withSafePath({ PATH: written, OTHER: "x" }, ["/work/here"])).toEqual({ PATH: searched, OTHER: "x" });
});

test("no PATH stays none", () => {
  expect(withSafePath({ OTHER: "x" }, ["/work/here"])).toEqual({ OTHER: "x" });
});
