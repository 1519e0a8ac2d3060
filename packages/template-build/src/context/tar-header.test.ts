import { expect, test } from "@jest/globals";
import { extract, type Header } from "tar-stream";
import { tarHeader } from "./tar-header.js";

const gibibyte = 1024 ** 3;

test.each([1, 8 * gibibyte - 1, 8 * gibibyte, 100 * gibibyte])(
  "records the size of a file of %i bytes",
  async (size) => {
    const header = tarHeader({
      type: "file",
      name: "large",
      mode: 0o644,
      size,
      modifiedAt: new Date(0),
      target: "",
    });

    const archive = extract();
    const read = new Promise<Header>((resolve) => archive.once("entry", resolve));
    archive.write(header);

    expect(await read).toMatchObject({ name: "large", size });
    archive.destroy();
  },
);
