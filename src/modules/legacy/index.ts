export { LegacyModule } from './legacy.module.js';
export { migrateLegacy, toMessage } from './migrate-legacy.js';
