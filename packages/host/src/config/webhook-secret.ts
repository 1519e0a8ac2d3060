/** The variable with the secret of webhooks. */
export const webhookSecretVariable = "MOLECULE_WEBHOOK_SECRET";

/** A shorter secret could be guessed. */
export const shortestWebhookSecret = 8;
