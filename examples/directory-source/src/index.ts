import { definePlugin } from "@molecule/core";
import { z } from "zod";
import { directorySource } from "./directory-source.js";

const options = z.strictObject({
  directory: z.string().min(1).describe("The directory that holds <runtime>.tar for each runtime."),
});

export default definePlugin({
  name: "directory",
  version: "1.0.0",
  apiVersion: 1,
  modes: ["local"],
  options,
  // Relative paths are relative to the configuration file.
  optionPaths: ["directory"],
  imageNames: "molecule-directory/",
  create: ({ directory }, services) => directorySource(directory, services),
});
