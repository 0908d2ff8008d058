import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, invalid } from '../../core/kernel/domain-error.js';
import { tooMany } from '../../core/security/local-rate-limiter.js';
import { ClientMergeService } from '../clients/index.js';
import { ClaimsRepository, type ClaimableRecord, type Claimant } from './claims.repository.js';
import { addressNotVerified } from './invitations.errors.js';

const MAX_WRONG_BIRTH_DATES = 5;
const WEEK_MILLISECONDS = 7 * 86_400_000;

/** Lets a patient who registered and verified an address take over the record that the front desk created with it. */
@Injectable()
export class ClaimsService {
  constructor(
    private readonly db: Database,
    private readonly claims: ClaimsRepository,
    private readonly merges: ClientMergeService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Joins the front desk's record with the one of the patient's account. The record of the front desk stays.
   * @throws DomainError EMAIL_NOT_VERIFIED; NOT_FOUND if no record has the address, or several have it; VALIDATION_ERROR without the
   * record's birth date, or with a wrong one; RATE_LIMITED after five wrong ones in a week; APPOINTMENT_CONFLICT
   */
  async claim(actor: Actor, dateOfBirth: string | undefined): Promise<void> {
    const isRight = await this.db.transaction(async () => {
      const { claimant, record } = await this.lockClaim(actor);
      await this.assertMayTry(record);
      if (record.dateOfBirth && record.dateOfBirth !== dateOfBirth) {
        if (dateOfBirth === undefined) throw invalid({ field: 'dateOfBirth', error: 'is required' });
        await this.audit('client.claim-refused', record, { reason: 'birth date' });
        return false;
      }
      await this.merge(actor, record, claimant);
      await this.audit('client.claimed', record, { accountId: actor.userId });
      return true;
    });
    if (!isRight) throw invalid({ field: 'dateOfBirth', error: 'is wrong' });
  }

  private async lockClaim(actor: Actor): Promise<{ claimant: Claimant; record: ClaimableRecord }> {
    const { claimant, record } = await this.read(actor);
    await this.claims.lockRecords([record.clientId, claimant.clientId]);
    // Again: the address or the birth date may have been corrected meanwhile.
    const locked = await this.read(actor);
    if (locked.record.clientId !== record.clientId) throw nothingToClaim();
    return locked;
  }

  private async read({ userId }: Actor): Promise<{ claimant: Claimant; record: ClaimableRecord }> {
    const claimant = await this.claims.findClaimant(userId);
    if (!claimant?.email) throw nothingToClaim();
    if (!claimant.isVerified) throw addressNotVerified();
    // Claims of an address run one after the other, so that wrong birth dates are counted.
    await this.claims.lockAddress(claimant.email);
    const [record, another] = await this.claims.findRecords(claimant.email);
    // If the claimant has a record of the front desk, another one with the address is that of somebody else in the family.
    if (!record || another || claimant.hasDeskRecord) throw nothingToClaim();
    if (claimant.dateOfBirth && record.dateOfBirth && claimant.dateOfBirth !== record.dateOfBirth)
      throw nothingToClaim();
    return { claimant, record };
  }

  private async assertMayTry({ clientId }: ClaimableRecord): Promise<void> {
    const since = new Date(this.clock.now() - WEEK_MILLISECONDS);
    const refusals = await this.claims.listRefusals(clientId, since, MAX_WRONG_BIRTH_DATES);
    const earliest = refusals[MAX_WRONG_BIRTH_DATES - 1];
    if (earliest) throw tooMany(earliest.getTime() + WEEK_MILLISECONDS - this.clock.now(), MAX_WRONG_BIRTH_DATES);
  }

  private async merge({ userId }: Actor, record: ClaimableRecord, claimant: Claimant): Promise<void> {
    try {
      const merged = await this.merges.merge(record.clientId, claimant.clientId);
      // Somebody accepted an invitation to the record at the same time.
      if (merged.userId !== userId) throw nothingToClaim();
    } catch (error) {
      throw error instanceof DomainError ? hideOtherVisits(error) : error;
    }
  }

  private audit(action: string, { clientId }: ClaimableRecord, changes: Record<string, unknown>): Promise<void> {
    return this.changes.record({ action, objectType: 'client', objectId: clientId, changes, event: null });
  }
}

/** Nothing of the record is shown before it is claimed: only which of their own visits the patient has to cancel. */
function hideOtherVisits(error: DomainError): DomainError {
  if (error.code !== 'APPOINTMENT_CONFLICT') return error;
  const { overlaps = [] } = (error.details ?? {}) as { overlaps?: { duplicateAppointmentId: string }[] };
  const appointmentIds = [...new Set(overlaps.map(({ duplicateAppointmentId }) => duplicateAppointmentId))];
  return new DomainError(
    'APPOINTMENT_CONFLICT',
    'The clinic has another visit for you at the same time. Cancel yours, or call the clinic.',
    { conflictingWith: 'CLIENT', alternatives: [], appointmentIds },
  );
}

/** The same error if there is no record and if there are several: the caller does not learn which. */
const nothingToClaim = (): DomainError =>
  new DomainError(
    'NOT_FOUND',
    'There is no record that can be claimed with this address. The front desk of your clinic can help.',
  );
