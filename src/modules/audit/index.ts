export { AuditLinkingModule, AuditModule } from './audit.module.js';
