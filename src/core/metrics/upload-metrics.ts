import { Counter } from 'prom-client';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';
import { registry } from './registry.js';

const uploads = new Counter({
  name: 'careslot_uploads_total',
  help: 'Received files or forms by kind and outcome (stored, refused, failed)',
  labelNames: ['kind', 'outcome'] as const,
  registers: [registry],
});
const uploadedBytes = new Counter({
  name: 'careslot_upload_bytes_total',
  help: 'Bytes of the stored files of uploads, by kind',
  labelNames: ['kind'] as const,
  registers: [registry],
});

/** Stores a received form, and counts the outcome. @throws what `store` throws */
export async function countUpload<T>(kind: string, bytes: number, store: () => Promise<T>): Promise<T> {
  try {
    const stored = await store();
    uploads.inc({ kind, outcome: 'stored' });
    uploadedBytes.inc({ kind }, bytes);
    return stored;
  } catch (error) {
    const isRefusal = error instanceof DomainError && ERROR_STATUS[error.code] < 500;
    uploads.inc({ kind, outcome: isRefusal ? 'refused' : 'failed' });
    throw error;
  }
}
