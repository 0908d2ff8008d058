import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import type { Appointment } from './appointment.entity.js';

/** What a hook gets of the changed appointment. */
export type ChangedAppointment = Readonly<Pick<Appointment, 'id' | 'clinicId' | 'doctorId' | 'serviceId' | 'startAt'>>;

/** Who wants a cancellation: the front desk also cancels for patients. */
export const CANCELLATION_PARTIES = ['CLINIC', 'CLIENT'] as const;
export type CancellationParty = (typeof CANCELLATION_PARTIES)[number];

/** Who makes the change. */
export interface ChangeContext {
  actor: Actor;
  requestedBy?: CancellationParty | undefined;
}

type Hook = (appointment: ChangedAppointment, before: ChangedAppointment, context: ChangeContext) => Promise<void>;

/**
 * Lets other features write their own rows in the transaction of an appointment's change, so that both are committed or none. Features
 * register in onModuleInit.
 */
@Injectable()
export class AppointmentChangeHooks {
  private readonly hooks = new Map<string, Hook[]>();

  /** @param action such as `checked-in`, see EventDetails */
  on(action: string, hook: Hook): void {
    this.hooks.set(action, [...(this.hooks.get(action) ?? []), hook]);
  }

  async run(
    action: string,
    appointment: ChangedAppointment,
    before: ChangedAppointment,
    context: ChangeContext,
  ): Promise<void> {
    for (const hook of this.hooks.get(action) ?? []) await hook(appointment, before, context);
  }
}
