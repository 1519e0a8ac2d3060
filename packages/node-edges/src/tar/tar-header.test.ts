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

test.each([0, 1000, 8 ** 7 - 1, 8 ** 7, 2 ** 32 - 2])("records the owner %i", async (id) => {
  const modifiedAt = new Date(0);
  const header = tarHeader({
    type: "file",
    name: "a",
    mode: 0o600,
    size: 0,
    modifiedAt,
    target: "",
    uid: id,
    gid: id,
  });

  const archive = extract();
  const read = new Promise<Header>((resolve) => archive.once("entry", resolve));
  archive.write(header);

  // tar-stream does not apply the extended header to owners.
  const { uid, gid, pax } = await read;
  const both = { uid: String(id), gid: String(id) };
  expect(id < 8 ** 7 ? { uid: String(uid), gid: String(gid) } : pax).toEqual(both);
  archive.destroy();
});
