export { ApiKeysModule } from './api-keys.module.js';
export { ApiKeysQuery } from './api-keys.dto.js';
export { ApiKeysService } from './api-keys.service.js';
