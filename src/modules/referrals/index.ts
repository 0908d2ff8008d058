export { ReferralsModule } from './referrals.module.js';
export { ReferralsQuery } from './referrals.dto.js';
export { ReferralsService } from './referrals.service.js';
export { REFERRAL_REASON } from './referrals.repository.js';
