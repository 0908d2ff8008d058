export { BreakGlassModule } from './break-glass.module.js';
export { BreakGlassRepository } from './break-glass.repository.js';
export { BreakGlassService } from './break-glass.service.js';
