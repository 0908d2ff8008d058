export { ClientsModule } from './clients.module.js';
export { ClientsService } from './clients.service.js';
export { mayBookFor } from './booker.sql.js';
