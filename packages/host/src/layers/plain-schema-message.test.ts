import { expect, test } from "@jest/globals";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { nameOfType, plainSchemaMessage } from "./plain-schema-message.js";

interface Schema {
  readonly "~standard": {
    readonly validate: (value: unknown) => unknown;
  };
}

function messages(schema: Schema, value: unknown): readonly string[] {
  const { issues = [] } = schema["~standard"].validate(value) as {
    readonly issues?: readonly { readonly message: string }[];
  };
  return issues.map(({ message }) => plainSchemaMessage(message));
}

const secret = "hunter22";
const newYear = new Date("2026-01-01");

test.each<[unknown, Schema, Schema, string]>([
  [secret, z.object({}), v.object({}), "must be a map, not text"],
  [null, z.object({}), v.object({}), "must be a map, not null"],
  [{}, z.array(z.string()), v.array(v.string()), "must be a list, not a map"],
  [12, z.string(), v.string(), "must be text, not a number"],
  [secret, z.number(), v.number(), "must be a number, not text"],
  [secret, z.boolean(), v.boolean(), "must be true or false, not text"],
  ["", z.string().min(1), v.pipe(v.string(), v.minLength(1)), "must not be empty"],
  [[], z.array(z.string()).min(1), v.pipe(v.array(v.string()), v.minLength(1)), "must not be empty"],
  [9, z.number().max(5), v.pipe(v.number(), v.maxValue(5)), "must be at most 5"],
  [secret, z.enum(["a", "b"]), v.picklist(["a", "b"]), 'must be one of "a", "b"'],
  [secret, z.literal("a"), v.literal("a"), 'must be "a"'],
  [6, z.literal(5), v.literal(5), "must be 5"],
  [6, z.literal(-1.5), v.literal(-1.5), "must be -1.5"],
  [6, z.literal([1, 2]), v.picklist([1, 2]), "must be one of 1, 2"],
  [6, z.literal([1, "a"]), v.picklist([1, "a"]), 'must be one of 1, "a"'],
  [6, z.literal(5), v.pipe(v.number(), v.value(5)), "must be 5"],
  [6, z.literal([1, 2]), v.pipe(v.number(), v.values([1, 2])), "must be one of 1, 2"],
  [secret, z.literal(true), v.literal(true), "must be true"],
  [secret, z.date(), v.date(), "must be a date, not text"],
  [
    new Date(0),
    z.date().min(newYear),
    v.pipe(v.date(), v.minValue(newYear)),
    "must be at least 2026-01-01T00:00:00.000Z",
  ],
  [
    new Date(8e15),
    z.date().max(newYear),
    v.pipe(v.date(), v.maxValue(newYear)),
    "must be at most 2026-01-01T00:00:00.000Z",
  ],
  [{}, z.object({ a: z.string() }), v.object({ a: v.string() }), "is missing"],
  [
    { a: secret },
    z.record(z.string(), z.number()),
    v.record(v.string(), v.number()),
    "must be a number, not text",
  ],
])("zod and valibot reject %j in the same plain words", (value, zod, valibot, words) => {
  for (const schema of [zod, valibot]) {
    const [message = "", ...more] = messages(schema, value);
    expect(message).toContain(words);
    expect(more).toEqual([]);
    expect(message).not.toMatch(/invalid|expected|received|hunter22/i);
  }
});

test("a list is not a map", () => {
  expect(messages(z.object({}), [])).toEqual(["must be a map, not a list"]);
  expect(messages(z.record(z.string(), z.string()), [])).toEqual(["must be a map, not a list"]);
});

test("shows patterns, but no values", () => {
  expect(messages(z.string().regex(/^a$/), secret)).toEqual(["must match pattern /^a$/"]);
  expect(messages(v.pipe(v.string(), v.regex(/^a$/)), secret)).toEqual(["must match /^a$/"]);
  expect(messages(v.pipe(v.string(), v.email()), secret)).toEqual(["is not a valid email"]);
  expect(messages(z.union([z.string(), z.number()]), [])).toEqual(["is not one of the allowed forms"]);
});

test.each<[string, unknown, Schema, string]>([
  ["zod", secret, z.email(), "is not a valid email address"],
  ["zod", "abc", z.string().length(2), "must have exactly 2 characters"],
  ["zod", secret, z.string().startsWith("a"), 'must start with "a"'],
  ["zod", { hunter22: 1 }, z.strictObject({}), "unknown key"],
  [
    "zod",
    { kind: secret },
    z.discriminatedUnion("kind", [z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
    'must be one of "a", "b"',
  ],
  ["zod", secret, z.xor([z.string(), z.string().min(1)]), "fits more than one of the allowed forms"],
  ["zod", new Map([[1, secret]]), z.map(z.number(), z.number()), "must be a number, not text"],
  ["zod", 7, z.number().multipleOf(2), "must be a multiple of 2"],
  ["zod", -2, z.number().min(-1), "must be at least -1"],
  ["zod", 0.7, z.number().max(0.5), "must be at most 0.5"],
  ["valibot", secret, v.pipe(v.string(), v.startsWith("a")), 'must start with "a"'],
  ["valibot", secret, v.pipe(v.string(), v.endsWith("a")), 'must end with "a"'],
  ["valibot", secret, v.pipe(v.string(), v.includes("a")), 'must include "a"'],
  ["valibot", secret, v.pipe(v.string(), v.length(2)), "must have exactly 2 characters or items"],
  ["valibot", secret, v.pipe(v.string(), v.maxGraphemes(2)), "must have at most 2 characters or items"],
  ["valibot", secret, v.pipe(v.string(), v.notValue(secret)), "is not allowed"],
  ["valibot", 7, v.pipe(v.number(), v.multipleOf(2)), "must be a multiple of 2"],
  ["valibot", secret, v.pipe(v.string(), v.ip()), "is not a valid IP"],
  ["valibot", true, v.union([v.string(), v.number()]), "must be one of text, a number"],
  [
    "valibot",
    secret,
    v.pipe(
      v.string(),
      v.check(() => false),
    ),
    "cannot be used",
  ],
  ["valibot", secret, v.never(), "is not allowed"],
])("%s's stock message for %j is written in plain words", (_library, value, schema, words) => {
  const [message = "", ...more] = messages(schema, value);
  expect(message).toBe(words);
  expect(more).toEqual([]);
});

test("keeps messages written by a schema's author, and those of arktype", () => {
  expect(messages(z.string("must be a text, as 30m"), 3)).toEqual(["must be a text, as 30m"]);
  expect(
    messages(
      v.pipe(
        v.string(),
        v.check(() => false, "is no runtime name"),
      ),
      "x",
    ),
  ).toEqual(["is no runtime name"]);
  expect(messages(type({ size: "number" }), { size: "x" })).toEqual(["size must be a number (was a string)"]);
});

test("names types in plain words", () => {
  expect([[], {}, "x", 1, true, null].map(nameOfType)).toEqual([
    "a list",
    "a map",
    "text",
    "a number",
    "true",
    "null",
  ]);
});
