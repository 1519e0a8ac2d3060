/**
 * A file of a template: its content; content with a mode (`0o755` makes it executable); a symbolic link;
 * or the commit of a submodule.
 */
export type TemplateFile =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode: number }
  | { readonly link: string }
  | { readonly submodule: string };

/** Files by their path in the repository, with `/` as the separator. */
export type TemplateFiles = Readonly<Record<string, TemplateFile>>;

/** As {@link TemplateFiles}; null removes the file. */
export type TemplateChanges = Readonly<Record<string, TemplateFile | null>>;
