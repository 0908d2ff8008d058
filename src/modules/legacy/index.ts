export { LegacyModule } from './legacy.module.js';
export { migrateLegacy, toErrorText } from './migrate-legacy.js';
