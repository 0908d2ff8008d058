export { ReferralsModule } from './referrals.module.js';
export { REFERRAL_REASON } from './referrals.repository.js';
