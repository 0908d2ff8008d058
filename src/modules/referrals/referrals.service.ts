import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { getAccountId, worksAt, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { BookingRulesService, type BookingRules } from '../scheduling/index.js';
import { toReferralChange } from './referral-change.js';
import { toReminderDay, toWindow, type ReferralWindow } from './referral-window.js';
import type { CreateReferral, ReferralsQuery, ReferralView } from './referrals.dto.js';
import { ReferralsRepository } from './referrals.repository.js';

/** The reader in audit rows: reads of guardians are recorded, those of patients are not. */
const GUARDIAN = { role: 'GUARDIAN', clinicIds: [] };

/** Doctors and the front desk make referrals; patients see their own. */
@Injectable()
export class ReferralsService {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly changes: ChangeLog,
    private readonly rules: BookingRulesService,
    private readonly referrals: ReferralsRepository,
  ) {}

  /**
   * Audits the read.
   * @param readAs whose referrals are listed: the caller or, for a guardian, the caller with the child's record
   */
  async list(caller: Actor, readAs: Actor, query: ReferralsQuery): Promise<Page<ReferralView>> {
    const page = await this.referrals.list(readAs, query, this.clock.now());
    await this.changes.recordListRead(
      readAs.clientId === caller.clientId ? caller : GUARDIAN,
      'referral',
      page.items.map(({ clientId }) => clientId),
      page.items,
    );
    return page;
  }

  /** @throws DomainError NOT_FOUND for a patient or a service of others, FORBIDDEN at another clinic, VALIDATION_ERROR */
  async create(actor: Actor, request: CreateReferral): Promise<ReferralView> {
    const rules = await this.rules.getCurrent(request.serviceId);
    const { clinicId, serviceId } = rules.row;
    if (!worksAt(actor, clinicId)) throw forbidden('You do not work at this clinic.');
    const clientId = request.clientId.toLowerCase();
    const doctorId = request.doctorId?.toLowerCase() ?? null;
    if (doctorId && !rules.doctor(doctorId))
      throw invalid({ field: 'doctorId', error: 'is not a doctor of this service' });
    return this.db.transaction(async () => {
      if (!(await this.referrals.mayRefer(actor, clientId))) throw notFound();
      const referral: ReferralView = {
        id: newId(),
        clinicId,
        clientId,
        serviceId,
        doctorId,
        ...(await this.getWindow(request, clientId, rules)),
        reason: request.reason?.toWellFormed() ?? null,
        appointmentId: null,
        createdAt: new Date(this.clock.now()),
      };
      const remindOn = toReminderDay(referral, Zone.of(rules.row.timeZone).toDay(this.clock.now()));
      await this.referrals.insert({ ...referral, createdBy: getAccountId(actor), remindOn });
      await this.changes.record(toReferralChange('created', referral));
      return referral;
    });
  }

  /** @throws DomainError NOT_FOUND, IN_USE for one that a booking or a hold uses */
  remove(actor: Actor, id: string): Promise<null> {
    return this.db.transaction(async () => {
      const referral = await this.referrals.lockVisible(actor, id);
      if (!referral || !worksAt(actor, referral.clinicId)) throw notFound();
      if (referral.appointmentId || (await this.referrals.isHeld(id, this.clock.now()))) {
        throw new DomainError('IN_USE', 'The referral was used. Cancel its appointment first.');
      }
      await this.referrals.delete(id);
      await this.changes.record(toReferralChange('deleted', referral));
      return null;
    });
  }

  private async getWindow(request: CreateReferral, clientId: string, { row }: BookingRules): Promise<ReferralWindow> {
    const zone = Zone.of(row.timeZone);
    const today = zone.toDay(this.clock.now());
    const { afterAppointmentId } = request;
    if (afterAppointmentId === undefined) return toWindow(request, { today });
    if (request.afterMonths === undefined) {
      throw invalid({ field: 'afterAppointmentId', error: 'must be given together with afterMonths' });
    }
    const visit = await this.referrals.findVisit(afterAppointmentId.toLowerCase(), clientId, row.clinicId);
    if (visit === null)
      throw invalid({ field: 'afterAppointmentId', error: 'is not a visit of this patient at the clinic' });
    return toWindow(request, { today, visit: zone.toDay(visit) });
  }
}
