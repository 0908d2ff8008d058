export { SchedulingModule } from './scheduling.module.js';
export { AlternativesService } from './alternatives.service.js';
export { BookingRulesService, OutdatedRules } from './booking-rules.service.js';
export type { BookableDoctor, BookingRules } from './booking-rules.js';
export { BusyTimes } from './busy-times.js';
export { NextFreeService, type NextFree } from './next-free.service.js';
export { ServicesService } from './services.service.js';
export type { NotBookableReason, Range } from './slot-query.js';
export { toSlotView } from './availability.service.js';
