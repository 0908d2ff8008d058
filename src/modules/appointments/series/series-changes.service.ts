import { Injectable } from '@nestjs/common';
import { assertVersion } from '../../../core/changes/versioned-update.js';
import { Database } from '../../../core/database/database.js';
import { invalid, notFound } from '../../../core/kernel/domain-error.js';
import type { Actor } from '../../../core/kernel/actor.js';
import type { CancellationParty } from '../appointment-change-hooks.js';
import type { Appointment } from '../appointment.entity.js';
import { AppointmentStatusService } from '../appointment-status.service.js';
import type { AppointmentView, ChangeAppointment } from '../appointments.dto.js';
import { RescheduleService } from '../reschedule.service.js';
import { AtomicChanges } from '../atomic-changes.js';
import { SeriesMembers, type ChosenMembers } from './series-members.js';
import type { Scope } from './series.dto.js';

/** Which appointments of a series are changed, and the version that the named one must have; null for any. */
interface Chosen {
  scope: Scope;
  version: number | null;
}

/** Changes or cancels one appointment, or several of its series: all, or none. */
@Injectable()
export class SeriesChangesService {
  constructor(
    private readonly db: Database,
    private readonly members: SeriesMembers,
    private readonly atomic: AtomicChanges,
    private readonly rescheduling: RescheduleService,
    private readonly status: AppointmentStatusService,
  ) {}

  /** A new start moves each appointment by the same days, hours and minutes of local time. @returns the named appointment */
  async change(
    actor: Actor,
    id: string,
    request: ChangeAppointment,
    { scope, version }: Chosen,
  ): Promise<AppointmentView> {
    if (scope === 'THIS') return this.rescheduling.change(actor, id, request, { version });
    return this.inSeries(actor, id, { scope, version }, async (chosen) => {
      const requests = await this.members.lockAndShift(chosen, request);
      const change = (target: Appointment): Promise<AppointmentView> =>
        this.rescheduling.change(actor, target.id, requests.get(target.id) ?? request, { isTogether: true });
      const ordered = inOrderOfMove(chosen, requests);
      const isMove = requests.size > 0;
      return isMove ? this.atomic.runForPatient('rescheduled', ordered, change) : this.atomic.run(ordered, change);
    });
  }

  /** @returns the named appointment */
  async cancel(
    actor: Actor,
    id: string,
    { reason = null, requestedBy }: { reason?: string | null; requestedBy?: CancellationParty },
    { scope, version }: Chosen,
  ): Promise<AppointmentView> {
    if (scope === 'THIS') return this.status.cancel(actor, id, { version, reason, requestedBy });
    return this.inSeries(actor, id, { scope, version }, ({ targets }) =>
      this.atomic.runForPatient('cancelled', targets, (target) =>
        this.status.cancelTogether(actor, target.id, { reason, requestedBy }),
      ),
    );
  }

  private inSeries(
    actor: Actor,
    id: string,
    { scope, version }: Chosen & { scope: 'FOLLOWING' | 'ALL' },
    work: (chosen: ChosenMembers) => Promise<AppointmentView[]>,
  ): Promise<AppointmentView> {
    return this.db.transaction(async () => {
      const chosen = await this.members.lock(actor, id, scope);
      if (!chosen) throw invalid({ field: 'scope', error: 'is only for appointments of a series' });
      assertVersion(version, chosen.named);
      const views = await work(chosen);
      const view = views.find((one) => one.id === chosen.named.id) ?? (await this.members.find(actor, id));
      if (!view) throw notFound();
      return view;
    });
  }
}

/** Later ones first if they are moved to later times, so that each finds the time free that the one after it had. */
function inOrderOfMove({ targets }: ChosenMembers, requests: ReadonlyMap<string, ChangeAppointment>) {
  const [first] = targets;
  const start = first && requests.get(first.id)?.startDateTime;
  const isLater = first && start !== undefined && Date.parse(start) > first.startAt.getTime();
  return isLater ? [...targets].reverse() : [...targets];
}
