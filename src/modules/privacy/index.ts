export { PrivacyModule } from './privacy.module.js';
export { ErasureRepository } from './erasure.repository.js';
export { RetentionRepository } from './retention.repository.js';
export { RetentionService } from './retention.service.js';
