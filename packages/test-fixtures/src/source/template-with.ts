import { helloTemplate, type TemplateFiles } from "@molecule/testkit";

/** Returns a template with a shell, followed by these steps. */
export function templateWith(steps: string): TemplateFiles {
  const files = helloTemplate();
  if (typeof files["Dockerfile"] !== "string") throw new TypeError("the Dockerfile is not text");
  return { ...files, Dockerfile: `${files["Dockerfile"]}${steps}\n` };
}
