export { SchedulingModule } from './scheduling.module.js';
export { AlternativesService } from './alternatives.service.js';
export { NextFreeService, type NextFree } from './next-free.service.js';
export { ServicesService } from './services.service.js';
export { OfferService, areNeeded, atAnyHour, doctorsOf, pickResources, rangeOf, withBuffers } from './offer.service.js';
export type { Offer } from './offer.repository.js';
export type { NotOfferedReason, Range } from './availability.js';
export { viewOf } from './availability.service.js';
