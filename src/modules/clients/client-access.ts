import { Injectable } from '@nestjs/common';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { forbidden, notFound } from '../../core/kernel/domain-error.js';
import { BreakGlassService, type EmergencyAccess } from '../break-glass/index.js';
import { ClientsRepository } from './clients.repository.js';
import type { ClientView } from './clients.dto.js';
import { clinicsToRead, mayWrite } from './clinic-scope.js';

/** Finds the patient records that a caller may see. */
@Injectable()
export class ClientAccess {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly breakGlass: BreakGlassService,
  ) {}

  /** A record that the caller may see without an emergency access. @throws DomainError NOT_FOUND */
  async findVisible(actor: Actor, id: string, clinicId: string | undefined): Promise<ClientView> {
    const client = await this.clients.find(id, clinicsToRead(actor, clinicId));
    if (!client || !(await this.maySee(actor, client))) throw notFound();
    return client;
  }

  /**
   * A record that the actor may change, as the front desk of a clinic of the patient.
   * @throws DomainError NOT_FOUND, FORBIDDEN
   */
  async findWritable(actor: Actor, id: string, clinicId?: string): Promise<ClientView> {
    const client = await this.findVisible(actor, id, clinicId);
    if (mayWrite(actor, client)) return client;
    throw forbidden('Only a clinic of the patient may do this. Book an appointment or register the patient first.');
  }

  /**
   * Also finds a record that the caller has opened in an emergency: with the fields of the requested clinic or, if the patient has
   * only one, of that clinic.
   * @throws DomainError NOT_FOUND
   */
  async findReadable(
    actor: Actor,
    id: string,
    clinicId: string | undefined,
  ): Promise<{ client: ClientView; emergencyAccess: EmergencyAccess | null }> {
    const client = await this.clients.find(id, clinicsToRead(actor, clinicId));
    if (!client) throw notFound();
    if (await this.maySee(actor, client)) return { client, emergencyAccess: null };
    const emergencyAccess = await this.breakGlass.findOpen(actor, id);
    const opened = emergencyAccess && (await this.clients.find(id, clinicId ? [clinicId] : null));
    if (!opened) throw notFound();
    return { client: opened, emergencyAccess };
  }

  private async maySee(actor: Actor, { id, clinicIds }: Pick<ClientView, 'id' | 'clinicIds'>): Promise<boolean> {
    if (actor.role === 'ADMIN') return true;
    if (actor.role === 'DOCTOR') return this.clients.hasAppointmentWith(id, actor.doctorId);
    return clinicIds.length === 0 || clinicIds.some((clinicId) => worksAtFrontDesk(actor, clinicId));
  }
}
