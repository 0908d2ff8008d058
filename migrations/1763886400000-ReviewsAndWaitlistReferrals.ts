import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Offers of the waitlist that ended because their time was closed; entries that wait with a referral; services whose completed visits
 * create a referral for a review, one for each visit.
 *
 * Existing rows: offers keep their state, entries wait without a referral, and no service has reviews. Additive: the previous release
 * treats a closed offer as one whose hold is gone, and does not create reviews.
 */
export class ReviewsAndWaitlistReferrals1763886400000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await setStates(db, ['OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN', 'CLOSED']);
    await db.query('ALTER TABLE waitlist_entry ADD COLUMN referral_id uuid REFERENCES referral ON DELETE SET NULL');
    await db.query(
      'CREATE INDEX waitlist_entry_referral ON waitlist_entry (referral_id) WHERE referral_id IS NOT NULL',
    );
    await db.query(`
      ALTER TABLE service
        ADD COLUMN review_after_months int
          CONSTRAINT service_review_after_months_check CHECK (review_after_months BETWEEN 1 AND 24),
        ADD COLUMN review_service_id uuid CONSTRAINT service_review_service_id_fkey REFERENCES service`);
    await db.query('ALTER TABLE referral ADD COLUMN reviewed_id uuid REFERENCES appointment');
    await db.query('CREATE UNIQUE INDEX referral_reviewed ON referral (reviewed_id)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE referral DROP COLUMN reviewed_id');
    await db.query('ALTER TABLE service DROP COLUMN review_service_id, DROP COLUMN review_after_months');
    await db.query('ALTER TABLE waitlist_entry DROP COLUMN referral_id');
    await db.query(`UPDATE waitlist_offer SET state = 'WITHDRAWN' WHERE state = 'CLOSED'`);
    await setStates(db, ['OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN']);
  }
}

async function setStates(db: QueryRunner, states: string[]): Promise<void> {
  const list = states.map((state) => `'${state}'`).join(', ');
  await db.query('ALTER TABLE waitlist_offer DROP CONSTRAINT waitlist_offer_state_check');
  await db.query(`ALTER TABLE waitlist_offer ADD CONSTRAINT waitlist_offer_state_check CHECK (state IN (${list}))`);
}
