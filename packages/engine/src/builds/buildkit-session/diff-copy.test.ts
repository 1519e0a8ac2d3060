import { once } from "node:events";
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { createServer, connect as connectSocket, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { ContextEntry } from "@molecule/core";
import { protobufFields } from "./protobuf-fields.js";
import { protobufMessage } from "./protobuf-message.js";
import { diffCopy, diffCopyPath } from "./diff-copy.js";
import { grpcFrames, readGrpcFrames } from "./grpc-frame.js";
import { serveGrpc } from "./serve-grpc.js";
import type { FetchedContext } from "./watch-context.js";

const opened: { server: Server; client: ClientHttp2Session }[] = [];
afterEach(async () => {
  for (const { server, client } of opened.splice(0)) {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Listed = readonly (ContextEntry & { readonly content?: string })[];

const file = (path: string, content: string): Listed[number] => ({
  kind: "file",
  path,
  mode: 0o644,
  size: content.length,
  target: "",
  content,
});

interface Reads {
  started: number;
  ended: number;
}

/** @param reads counts the reads of entries and files that have started and ended */
function contextOf(listed: Listed, reads: Reads = { started: 0, ended: 0 }): FetchedContext {
  async function* counted<T>(values: Iterable<T>): AsyncGenerator<T> {
    reads.started += 1;
    try {
      yield* values;
    } finally {
      reads.ended += 1;
    }
  }
  function* chunks(content: string | undefined): Generator<Buffer> {
    if (content === undefined) throw new Error("it has a secret in it");
    for (let at = 0; at < content.length; at += 3) yield Buffer.from(content.slice(at, at + 3));
  }
  const contentOf = (path: string): string | undefined =>
    listed.find((entry) => entry.path === path)?.content;
  return {
    dockerfile: "docker/Dockerfile",
    modifiedAt: new Date("2026-11-25T10:00:00Z"),
    entries: () => counted(listed),
    open: ({ path }) => counted(chunks(contentOf(path))),
    readDockerfile: async () => Buffer.from(contentOf("docker/Dockerfile") ?? ""),
  };
}

/** Acts as the engine: opens the call on a connection that the other side has opened. */
async function ask(context: FetchedContext, headers: Record<string, string>): Promise<ClientHttp2Stream> {
  const server = createServer((socket) => {
    serveGrpc(socket, { [diffCopyPath]: diffCopy(context) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect("http://session", { createConnection: () => connectSocket(port, "127.0.0.1") });
  client.on("error", () => undefined);
  opened.push({ server, client });
  const stream = client.request({ ":method": "POST", ":path": diffCopyPath, ...headers });
  stream.on("error", () => undefined);
  return stream;
}

const sendPacket = (stream: ClientHttp2Stream, type: number, number = 0): void => {
  stream.write(grpcFrames(protobufMessage([[1, type], ...(number === 0 ? [] : [[3, number] as const])])));
};

interface Packet {
  readonly type: number;
  readonly number: number;
  readonly data: string;
  /** The numbers and values of an entry's fields. */
  readonly stat: readonly (readonly [number, number | string])[] | undefined;
}

function packetOf(message: Uint8Array): Packet {
  let packet: Packet = { type: 0, number: 0, data: "", stat: undefined };
  for (const { number, amount, bytes } of protobufFields(message)) {
    if (number === 1) packet = { ...packet, type: amount };
    if (number === 3) packet = { ...packet, number: amount };
    if (number === 4) packet = { ...packet, data: Buffer.from(bytes).toString() };
    if (number === 2) {
      const fields = Array.from(protobufFields(bytes), (field) => {
        const isText = field.number === 1 || field.number === 7;
        return [field.number, isText ? Buffer.from(field.bytes).toString() : field.amount] as const;
      });
      packet = { ...packet, stat: fields };
    }
  }
  return packet;
}

/** Reads messages of any size, as an engine does. */
async function* framesOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      yield rest.subarray(5, end);
      rest = rest.subarray(end);
    }
  }
}

/** Requests every file as an engine does, then confirms. Returns the received packets and the final status. */
async function fetchAll(stream: ClientHttp2Stream): Promise<{ packets: Packet[]; status: unknown }> {
  const packets: Packet[] = [];
  const status = once(stream, "trailers");
  let [entries, open, isAll] = [0, 0, false];
  for await (const message of framesOf(stream)) {
    const packet = packetOf(message);
    packets.push(packet);
    const { stat, type, data } = packet;
    if (type === 0 && stat === undefined) isAll = true;
    else if (type === 0) {
      const mode = Number(stat?.find(([number]) => number === 2)?.[1]);
      if (mode < 2 ** 27) {
        open += 1;
        sendPacket(stream, 1, entries);
      }
      entries += 1;
    } else if (type === 2 && data === "") open -= 1;
    if (isAll && open === 0 && type !== 3) {
      sendPacket(stream, 3);
      open = -1;
    }
  }
  const [trailers] = (await status) as [Record<string, unknown>];
  stream.end();
  return { packets, status: trailers["grpc-status"] };
}

/** Confirms the entries without requesting a file, as an engine does that has them all. */
async function fetchNone(stream: ClientHttp2Stream): Promise<void> {
  const status = once(stream, "trailers");
  for await (const message of framesOf(stream)) {
    const { type, stat } = packetOf(message);
    if (type === 0 && stat === undefined) sendPacket(stream, 3);
  }
  await status;
  stream.end();
}

const entries: Listed = [
  { kind: "directory", path: "docker", mode: 0o755, size: 0, target: "" },
  { ...file("docker/Dockerfile", "FROM scratch"), mode: 0o755 },
  { kind: "link", path: "link", mode: 0o777, size: 0, target: "../ä" },
  file("nothing", ""),
  file("text", "seven b"),
];
const time = [6, Date.parse("2026-11-25T10:00:00Z") * 1e6] as const;

test("lists all entries in fsutil's packet format, and sends the requested files", async () => {
  const { packets, status } = await fetchAll(await ask(contextOf(entries), { "dir-name": "context" }));
  expect(status).toBe("0");
  expect(packets.filter(({ type }) => type === 0).map(({ stat }) => stat)).toEqual([
    [[1, "docker"], [2, 0o755 + 2 ** 31], [5, 0], time],
    [[1, "docker/Dockerfile"], [2, 0o755], [5, 12], time],
    [[1, "link"], [2, 0o777 + 2 ** 27], [5, 5], time, [7, "../ä"]],
    [[1, "nothing"], [2, 0o644], [5, 0], time],
    [[1, "text"], [2, 0o644], [5, 7], time],
    undefined,
  ]);
  const given = (number: number): string[] =>
    packets.filter((packet) => packet.type === 2 && packet.number === number).map(({ data }) => data);
  expect(given(1)).toEqual(["FRO", "M s", "cra", "tch", ""]);
  expect(given(3)).toEqual([""]);
  expect(given(4)).toEqual(["sev", "en ", "b", ""]);
  expect(packets.at(-1)).toMatchObject({ type: 3 });
});

test.each([
  ["before 1970", new Date(-1e12), 0],
  ["the latest possible date", new Date(8.64e15), 0o77777777777 * 1e9],
])("clamps the time to the range that tar supports: %s", async (_what, modifiedAt, nanoseconds) => {
  const context = { ...contextOf([file("a", "a")]), modifiedAt };
  const { packets } = await fetchAll(await ask(context, { "dir-name": "context" }));
  expect(packets[0]?.stat).toContainEqual([6, nanoseconds]);
});

test.each([
  ["all files", fetchAll],
  ["no file", fetchNone],
])("reports when the engine has the context, having requested %s", async (_what, fetch) => {
  let times = 0;
  const context = { ...contextOf(entries), onReceived: () => void (times += 1) };
  await fetchAll(await ask(context, { "dir-name": "dockerfile" }));
  expect(times).toBe(0);
  await fetch(await ask(context, { "dir-name": "context" }));
  expect(times).toBe(1);
});

test("an entry may have its own time", async () => {
  const own = { ...file("a", "a"), modifiedAt: { seconds: 4, nanoseconds: 5 } };
  const { packets } = await fetchAll(await ask(contextOf([own]), { "dir-name": "context" }));
  expect(packets[0]?.stat).toContainEqual([6, 4_000_000_005]);
});

test("a Dockerfile has the same time only if it has the same content", async () => {
  const timeOf = async (content: string): Promise<unknown> => {
    const context = contextOf([file("docker/Dockerfile", content)]);
    const { packets } = await fetchAll(await ask(context, { "dir-name": "dockerfile" }));
    return packets[1]?.stat?.find(([number]) => number === 6);
  };
  expect(await timeOf("FROM a")).not.toEqual(await timeOf("FROM b"));
  expect(await timeOf("FROM a")).toEqual(await timeOf("FROM a"));
});

test.each([
  ["its Dockerfile", { "dir-name": "dockerfile" }, ["docker", "docker/Dockerfile"]],
  ["the ignore file", { "dir-name": "context", followpaths: ".dockerignore" }, []],
  [
    "some paths, for which all are listed",
    { "dir-name": "context", followpaths: "a" },
    ["a", ".dockerignore", "docker/Dockerfile"].sort(),
  ],
])("lists nothing else when asked for %s", async (_what, headers, paths) => {
  const listed = [file(".dockerignore", "x"), file("a", "a"), file("docker/Dockerfile", "y")];
  const { packets, status } = await fetchAll(await ask(contextOf(listed), headers));
  expect(status).toBe("0");
  expect(packets.flatMap(({ stat }) => (stat === undefined ? [] : [stat[0]?.[1]]))).toEqual(paths);
});

async function statusOf(stream: ClientHttp2Stream): Promise<{ packets: Packet[]; status: unknown }> {
  const packets: Packet[] = [];
  let status: unknown;
  for (const event of ["response", "trailers"])
    stream.on(event, (headers: Record<string, unknown>) => (status ??= headers["grpc-status"]));
  for await (const message of readGrpcFrames(stream)) packets.push(packetOf(message));
  while (status === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
  return { packets, status };
}

test.each([
  ["another directory", { "dir-name": "home" }, undefined, "5"],
  ["a file that was not listed", { "dir-name": "context" }, [1, 7], "3"],
  ["a directory's content", { "dir-name": "context" }, [1, 0], "3"],
  ["an unknown packet", { "dir-name": "context" }, [9, 0], "3"],
] as const)("rejects %s", async (_what, headers, packet, expected) => {
  const reads = { started: 0, ended: 0 };
  const stream = await ask(contextOf(entries, reads), headers);
  if (packet !== undefined) sendPacket(stream, packet[0], packet[1]);
  expect((await statusOf(stream)).status).toBe(expected);
  expect(reads.ended).toBe(reads.started);
});

test("an unreadable file ends the call without sending the reason", async () => {
  const unreadable = contextOf([{ kind: "file", path: "a", mode: 0o644, size: 3, target: "" }]);
  const stream = await ask(unreadable, { "dir-name": "context" });
  sendPacket(stream, 1, 0);
  const { packets, status } = await statusOf(stream);
  expect(packets.at(-1)).toMatchObject({ type: 4, data: "the build context cannot be read" });
  expect(status).toBe("13");
  expect(JSON.stringify(packets)).not.toContain("secret");
});

test("an engine that disconnects halfway leaves nothing open", async () => {
  const reads = { started: 0, ended: 0 };
  const endless = contextOf([file("a", "x".repeat(10_000_000))], reads);
  const stream = await ask(endless, { "dir-name": "context" });
  sendPacket(stream, 1, 0);
  await once(stream, "data");
  stream.close();
  // The entries and the file.
  while (reads.ended < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(reads.started).toBe(2);
});

test("splits chunks that are larger than the engine accepts, and skips empty ones", async () => {
  const content = Buffer.alloc(5 * 1024 * 1024, "x");
  const context = {
    ...contextOf([{ ...file("large", ""), size: content.length }]),
    open: async function* () {
      yield Buffer.alloc(0);
      yield content;
    },
  };
  const { packets, status } = await fetchAll(await ask(context, { "dir-name": "context" }));
  const sizes = packets.filter(({ type }) => type === 2).map(({ data }) => data.length);
  expect(status).toBe("0");
  expect(Math.max(...sizes)).toBeLessThan(4 * 1024 * 1024);
  expect(sizes.filter((size) => size === 0)).toHaveLength(1);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(content.length);
});
