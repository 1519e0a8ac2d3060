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
