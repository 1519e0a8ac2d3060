import { expect, test } from "@jest/globals";
import { withSafePath } from "./safe-path.js";

test.each([
  ["/usr/bin:/bin", "/usr/bin:/bin"],
  [".:/bin", "/bin"],
  ["/bin:", "/bin"],
  ["bin:./x:../y:/bin", "/bin"],
  ["/home/dev/here:/bin", "/bin"],
  ["/home/dev/here/:/home/dev/./here:/home/dev/here/bin", "/home/dev/here/bin"],
])("the PATH %j in /home/dev/here becomes %j", (written, searched) => {
  expect(withSafePath({ PATH: written, OTHER: "x" }, ["/home/dev/here"])).toEqual({
    PATH: searched,
    OTHER: "x",
  });
});

test("a missing PATH stays missing", () => {
  expect(withSafePath({ OTHER: "x" }, ["/home/dev/here"])).toEqual({ OTHER: "x" });
});
