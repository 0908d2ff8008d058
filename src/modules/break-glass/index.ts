export { BreakGlassModule } from './break-glass.module.js';
export { BREAK_GLASS_REASON, type EmergencyAccess } from './break-glass.repository.js';
export { BreakGlassQuery } from './break-glass.dto.js';
export { BreakGlassService } from './break-glass.service.js';
