export { PrivacyModule } from './privacy.module.js';
export { ErasureRepository } from './erasure.repository.js';
