import { Injectable } from '@nestjs/common';
import { notFound } from '../../core/kernel/domain-error.js';
import { worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { ClientsService } from '../clients/index.js';
import { UsersService, type UserView } from '../users/index.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationsService } from './invitations.service.js';

/** Managers and the front desk invite people again, and revoke invitations. */
@Injectable()
export class InvitationRequests {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly repository: InvitationsRepository,
    private readonly users: UsersService,
    private readonly clients: ClientsService,
  ) {}

  /** Invites a member of the actor's clinic, or sends another invitation to a person whom the clinic asked to join. @throws DomainError NOT_FOUND */
  async inviteUser(actor: Actor, userId: string): Promise<null> {
    const clinicIdToJoin = await this.repository.findPendingJoinClinicId(userId, managedClinics(actor));
    if (clinicIdToJoin) {
      await this.invitations.invite(userId, { clinicId: clinicIdToJoin, wasRequested: true, joinsClinic: true });
      return null;
    }
    const user = await this.findManaged(actor, userId);
    const clinicId = user.clinicIds.find((id) => actor.clinicIds.includes(id)) ?? user.clinicIds[0] ?? null;
    await this.invitations.invite(userId, { clinicId, wasRequested: true });
    return null;
  }

  /** Invites a patient of the actor's clinic. @throws DomainError NOT_FOUND, FORBIDDEN */
  async invitePatient(actor: Actor, clientId: string): Promise<null> {
    const { userId, clinicIds } = await this.clients.getForDesk(actor, clientId);
    const clinicId = clinicIds.find((id) => worksAtFrontDesk(actor, id)) ?? null;
    await this.invitations.invite(userId, { clinicId, wasRequested: true });
    return null;
  }

  /** @throws DomainError NOT_FOUND if there is no such person or no invitation */
  async revoke(actor: Actor, userId: string): Promise<null> {
    const clinicIdToJoin = await this.repository.findPendingJoinClinicId(userId, managedClinics(actor));
    if (!clinicIdToJoin && !(await this.repository.isPatientOf(userId, actor.clinicIds))) {
      await this.findManaged(actor, userId);
    }
    return this.invitations.revoke(userId, clinicIdToJoin);
  }

  /** A MANAGER does not manage other managers; `users.get` would also return the actor's own account. */
  private async findManaged(actor: Actor, userId: string): Promise<UserView> {
    const user = await this.users.get(actor, userId);
    if (user.id === actor.userId) throw notFound();
    return user;
  }
}

/** Null for an ADMIN, who manages all clinics. */
const managedClinics = ({ role, clinicIds }: Actor): readonly string[] | null => (role === 'ADMIN' ? null : clinicIds);
