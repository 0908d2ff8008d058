export { ClientsModule } from './clients.module.js';
export { ClientMergeService, type MergedClients } from './client-merge.service.js';
export { ClientsService } from './clients.service.js';
export { mayBookFor } from './booker.sql.js';
