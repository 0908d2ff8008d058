export { NeuroAidModule } from './neuroaid.module.js';
export { parseDay, parseMinutes, toInstant } from './clock-time.js';
export { MobileIds } from './mobile-ids.service.js';
export type { MobileKind } from './neuroaid-id.entity.js';
export { personNames } from './person-name.js';
