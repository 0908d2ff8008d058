import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { isLocalDay } from '../../core/http/instants.js';
import type { Page, PageQuery } from '../../core/http/page.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import type { Actor } from '../../core/kernel/actor.js';
import { BreakGlassService } from '../break-glass/index.js';
import { ClientsService, GuardianAccess } from '../clients/index.js';
import type { ListFilter } from './appointment-conditions.js';
import type { Expandable } from './short-objects.dto.js';
import { maySee } from './appointment.policy.js';
import type { AppointmentHistoryView } from './appointment-history.dto.js';
import type { AppointmentsQuery, AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';

/** Reads by guardians are audited, unlike those of patients. */
const GUARDIAN = { role: 'GUARDIAN', clinicIds: [] };

/** Reads the appointments that the actor may see. */
@Injectable()
export class AppointmentsService {
  constructor(
    private readonly appointments: AppointmentsRepository,
    private readonly changes: ChangeLog,
    private readonly breakGlass: BreakGlassService,
    private readonly guardians: GuardianAccess,
    private readonly clients: ClientsService,
  ) {}

  /** Audits the read. */
  async get(actor: Actor, id: string, expand?: readonly Expandable[]): Promise<AppointmentView> {
    const appointment = await this.getVisible(actor, id, expand);
    await this.recordRead(actor, appointment);
    return appointment;
  }

  private async getVisible(actor: Actor, id: string, expand?: readonly Expandable[]): Promise<AppointmentView> {
    const appointment = await this.appointments.find(actor, id, expand);
    if (!appointment) throw notFound();
    const { clientId } = appointment;
    const isVisible =
      maySee(actor, appointment) ||
      (await this.guardians.mayActFor(actor, clientId)) ||
      (await this.breakGlass.findOpen(actor, clientId)) !== null;
    if (!isVisible) throw notFound();
    return appointment;
  }

  /** During an emergency access, and for a guardian, a list of that patient's appointments contains all of them. */
  async list(actor: Actor, query: AppointmentsQuery): Promise<Page<AppointmentView>> {
    const filter = await this.toFilter(actor, query);
    const { clientId } = filter;
    const isEmergency = clientId !== undefined && (await this.breakGlass.findOpen(actor, clientId)) !== null;
    const isGuardian = clientId !== undefined && (await this.guardians.mayActFor(actor, clientId));
    const page = await this.appointments.list(actor, filter, { maySeeAll: isEmergency || isGuardian });
    await this.changes.recordListRead(
      isGuardian ? GUARDIAN : actor,
      'appointment',
      page.items.map((appointment) => appointment.clientId),
      page.items,
    );
    return page;
  }

  async history(actor: Actor, id: string, query: PageQuery): Promise<Page<AppointmentHistoryView>> {
    await this.recordRead(actor, await this.getVisible(actor, id));
    return this.appointments.history(actor, id, query);
  }

  /** @throws DomainError VALIDATION_ERROR if the range ends before it begins */
  private async toFilter(actor: Actor, query: AppointmentsQuery): Promise<ListFilter> {
    const { from, to, q, updatedSince, ...rest } = query;
    const zone = await this.getZone(actor, query);
    const filter = {
      ...rest,
      ...(from !== undefined && { from: isLocalDay(from) ? zone.startOfDay(from) : Date.parse(from) }),
      ...(to !== undefined && { to: isLocalDay(to) ? zone.startOfDay(zone.addDays(to, 1)) : Date.parse(to) }),
      ...(updatedSince !== undefined && { updatedSince: Date.parse(updatedSince) }),
      ...(q && { searchCondition: await this.clients.prepareSearch(actor, q, query.clinicId) }),
    };
    const areDays = from !== undefined && to !== undefined && isLocalDay(from) && isLocalDay(to);
    // The end of a day is the start of the next one.
    if (areDays ? from > to : (filter.from ?? -Infinity) > (filter.to ?? Infinity)) {
      throw invalid({ field: 'to', error: 'must not be before from' });
    }
    return filter;
  }

  private recordRead(actor: Actor, { id, clinicId, clientId }: AppointmentView): Promise<void> {
    const isGuardian = actor.role === 'CLIENT' && clientId !== actor.clientId;
    return this.changes.recordRead(isGuardian ? GUARDIAN : actor, {
      objectType: 'appointment',
      objectId: id,
      clinicId,
      clientId,
    });
  }

  /** The requested zone; otherwise the clinic's if the list is of one clinic, otherwise UTC. */
  private async getZone(actor: Actor, { from, to, timeZone, clinicId }: AppointmentsQuery): Promise<Zone> {
    if (timeZone) return Zone.of(timeZone);
    const clinic = clinicId ?? (actor.clinicIds.length === 1 ? actor.clinicIds[0] : undefined);
    const usesDays = isLocalDay(from) || isLocalDay(to);
    const clinicZone = usesDays && clinic ? await this.appointments.getTimeZone(clinic) : null;
    return Zone.of(clinicZone ?? 'UTC');
  }
}
