export { WaitlistModule, WaitlistProcessorModule } from './waitlist.module.js';
export { OfferDetailsReader, type OfferDetails } from './offer-details.reader.js';
export { OffersService } from './offers.service.js';
export { WaitlistQuery } from './waitlist.dto.js';
export { WaitlistService } from './waitlist.service.js';
export { WAITLIST_EVENT } from './waitlist-changes.js';
