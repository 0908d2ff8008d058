export { AuditLogsQuery } from './audit.dto.js';
export { AuditService } from './audit.service.js';
export { AuditLinkingModule, AuditModule } from './audit.module.js';
