import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { BreakGlassNotices } from './break-glass-notices.js';
import type { BreakGlassQuery, BreakGlassView } from './break-glass.dto.js';
import { BREAK_GLASS_ROLES, type BreakGlassRole } from './break-glass.entity.js';
import { BreakGlassRepository, type EmergencyAccess } from './break-glass.repository.js';

const ACCESS_MILLISECONDS = 3_600_000;

/** Emergency access: opens the record of somebody who is not one's patient for reading, for an hour. */
@Injectable()
export class BreakGlassService {
  constructor(
    private readonly db: Database,
    private readonly accesses: BreakGlassRepository,
    private readonly notices: BreakGlassNotices,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Opens a record for an hour, and notifies the managers of the reader's clinics and the patient.
   * @throws DomainError NOT_FOUND, FORBIDDEN for somebody without a clinic: nobody could be notified
   */
  async open(actor: Actor, clientId: string, reason: string): Promise<BreakGlassView> {
    const patient = await this.accesses.findPatient(clientId);
    if (!patient || !mayOpen(actor.role)) throw notFound();
    const clinicIds = await this.accesses.findWorkplaces(actor.userId);
    if (clinicIds.length === 0)
      throw forbidden('You work at no clinic, so no manager could be notified. Ask a manager to add you to a clinic.');
    const openedAt = new Date(this.clock.now());
    const times = { openedAt, expiresAt: new Date(openedAt.getTime() + ACCESS_MILLISECONDS) };
    const access = { id: newId(), clientId, userId: actor.userId, role: actor.role, clinicIds, reason, ...times };
    return this.db.transaction(async () => {
      await this.accesses.insert(access);
      await this.record(access.id, clientId, clinicIds, times.expiresAt);
      await this.notices.announce(access, patient);
      const { userId: id, role, ...view } = access;
      return { ...view, user: { id, role, name: null } };
    });
  }

  /** The access by which the caller may read the patient's record now; null if there is none. */
  async findOpen(actor: Actor, clientId: string): Promise<EmergencyAccess | null> {
    if (!mayOpen(actor.role)) return null;
    return this.accesses.findOpen(actor, clientId, new Date(this.clock.now()));
  }

  /** The accesses that the actor may see. Audits the reads of managers and administrators. */
  async list(actor: Actor, query: BreakGlassQuery): Promise<Page<BreakGlassView>> {
    const page = await this.accesses.list(actor, query);
    await this.changes.recordListRead(
      actor,
      'break_glass',
      page.items.map(({ clientId }) => clientId),
    );
    return page;
  }

  /** One row for each clinic, so that the managers of each find it in their audit log. */
  private async record(id: string, clientId: string, clinicIds: string[], expiresAt: Date): Promise<void> {
    const changes = { breakGlassId: id, clientIds: [clientId], expiresAt: expiresAt.toISOString() };
    const row = { action: 'client.break-glass', objectType: 'client', objectId: clientId, changes, event: null };
    await this.changes.recordAll(clinicIds.map((clinicId) => ({ ...row, clinicId })));
  }
}

const mayOpen = (role: string): role is BreakGlassRole => (BREAK_GLASS_ROLES as readonly string[]).includes(role);
