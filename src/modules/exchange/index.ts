export { ExchangeModule, ImportsProcessorModule } from './exchange.module.js';
export { IMPORT_LAYOUT, IMPORT_ROW } from './imports/import-encryption.js';
