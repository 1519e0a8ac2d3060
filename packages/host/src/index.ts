export { childLog } from "./log/child-log.js";
export type { HostContainer } from "./contract/host-container.js";
export { configJsonSchema } from "./config/config-json-schema.js";
export { createImageProvider } from "./create-image-provider.js";
export { createLog, logLevels, type ClosableLog, type LogLevel, type LogOptions } from "./log/create-log.js";
export { createPushReceiver } from "./create-push-receiver.js";
export { shortestWebhookSecret, webhookSecretVariable } from "./config/webhook-secret.js";
export type { PushReceiver, PushReceiverOptions } from "./webhook/push-receiver.js";
export type { PushRequest, PushResponse } from "./webhook/push-request.js";
export { diagnose } from "./diagnose.js";
export type {
  DiagnoseOptions,
  Host,
  HostImageProvider,
  HostOptions,
  PluginImageNames,
} from "./contract/host.js";
export type { InlineSettings } from "./config/inline-settings.js";
export { knownSecrets } from "./log/known-secrets.js";
export { loadSettings, type SettingsRequest } from "./config/load-settings.js";
export { maskedLog } from "./log/masked-log.js";
export { openHost } from "./open-host.js";
export type { Settings, SettingValue } from "./config/settings.js";
export type { ShippedPlugins } from "./plugins/shipped-plugins.js";
export type { SourceEntry } from "./plugins/source-entry.js";
export { trustProjectFile, type TrustRequest } from "./trust-project-file.js";
export type { TrustedFile } from "./trust/trusted-files.js";
export type { Flags } from "./config/variable-layers.js";
