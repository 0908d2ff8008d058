export { AuditLinkingModule, AuditModule } from './audit.module.js';
export { AuditLinksRepository } from './audit-links.repository.js';
export { AuditVerifierService, type Anchor } from './audit-verifier.service.js';
