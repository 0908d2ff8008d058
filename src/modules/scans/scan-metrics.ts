import { Counter } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';

export const scanFilesSwept = new Counter({
  name: 'careslot_scan_files_swept_total',
  help: 'Found by the sweep of scans: bytes without a row (orphan), of unfinished uploads (leftover), rows without bytes (missing)',
  labelNames: ['outcome'] as const,
  registers: [registry],
});
