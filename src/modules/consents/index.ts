export { ConsentsModule } from './consents.module.js';
export { isConsentWithdrawn } from './consent.sql.js';
