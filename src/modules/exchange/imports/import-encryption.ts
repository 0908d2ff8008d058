import { encryptedField } from '../../../core/encryption/encrypted-column.js';

export const IMPORT_LAYOUT = encryptedField('import', 'layout', { id: 'uuid' });
export const IMPORT_ROW = encryptedField('import_row', 'content', { id: 'uuid' });
