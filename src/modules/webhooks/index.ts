export { WebhooksModule, WebhooksProcessorModule } from './webhooks.module.js';
export { PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from './webhook-secrets.js';
