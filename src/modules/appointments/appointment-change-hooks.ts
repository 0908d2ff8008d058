import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import type { Appointment } from './appointment.entity.js';

/** What a hook gets of the changed appointment. */
export type ChangedAppointment = Readonly<Pick<Appointment, 'id' | 'clinicId' | 'doctorId' | 'startAt'>>;

/** @param actor who makes the change */
type Hook = (appointment: ChangedAppointment, before: ChangedAppointment, actor: Actor) => Promise<void>;

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

  async run(action: string, appointment: ChangedAppointment, before: ChangedAppointment, actor: Actor): Promise<void> {
    for (const hook of this.hooks.get(action) ?? []) await hook(appointment, before, actor);
  }
}
