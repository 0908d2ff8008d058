import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { getAccountId, worksAtFrontDesk, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { ClientAccess } from './client-access.js';
import type { ClientView } from './clients.dto.js';
import type { ChildView, GuardianView } from './guardians.dto.js';
import { GuardiansRepository, type GuardianLink } from './guardians.repository.js';
import { eighteenthBirthday, isInForce } from './guardianship.js';

const MAX_GUARDIANS = 10;

/** Links children to their guardians, at the front desk. */
@Injectable()
export class GuardiansService {
  constructor(
    private readonly db: Database,
    private readonly guardians: GuardiansRepository,
    private readonly access: ClientAccess,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /** The guardians who may act for the patient now. Audits the read with one row. */
  async list(actor: Actor, clientId: string): Promise<GuardianView[]> {
    await this.access.findVisible(actor, clientId, undefined);
    const links = await this.findInForce(clientId);
    await this.changes.recordListRead(
      actor,
      'client',
      links.map(({ guardianId }) => guardianId),
    );
    return links.map(toGuardianView);
  }

  /** The patients for whom the caller may act. @throws DomainError NOT_FOUND for another record than the caller's */
  async listChildren(actor: Actor, clientId: string): Promise<ChildView[]> {
    if (actor.clientId !== clientId) throw notFound();
    const links = await this.guardians.findOfGuardian(clientId);
    return links.filter((link): link is LinkInForce => isInForce(link, this.clock.now())).map(toChildView);
  }

  /**
   * Links a guardian, at the front desk of a clinic that has access to both patients.
   * @throws DomainError NOT_FOUND, FORBIDDEN, ALREADY_EXISTS; INVALID_TRANSITION with the reason
   */
  async add(actor: Actor, clientId: string, guardianId: string): Promise<GuardianView> {
    if (clientId === guardianId) throw invalid({ field: 'clientId', error: 'must be another patient' });
    return this.db.transaction(async () => {
      if ((await this.guardians.lock([clientId, guardianId])) !== 2) throw notFound();
      const child = await this.access.findWritable(actor, clientId);
      const guardian = await this.access.findWritable(actor, guardianId);
      const clinicId = child.clinicIds.find((id) => guardian.clinicIds.includes(id) && worksAtFrontDesk(actor, id));
      if (!clinicId) throw forbidden('Only a clinic that has access to both patients may link them.');
      await this.assertChild(child, clinicId);
      const created = { createdBy: getAccountId(actor), createdAt: new Date(this.clock.now()) };
      const id = await this.guardians.insert({ clientId, guardianId, clinicId, ...created });
      if (!id)
        throw new DomainError(
          'ALREADY_EXISTS',
          'This patient is already a guardian of the child. End that link first to link them again.',
        );
      await this.record('client.guardian-added', { clientId, guardianId, clinicId });
      const added = (await this.findInForce(clientId)).find((link) => link.id === id);
      if (!added) throw notFound();
      return toGuardianView(added);
    });
  }

  /** Ends a link, also of records that were merged into these. @throws DomainError NOT_FOUND, FORBIDDEN */
  async end(actor: Actor, clientId: string, linkOrGuardianId: string): Promise<null> {
    return this.db.transaction(async () => {
      if ((await this.guardians.lock([clientId])) !== 1) throw notFound();
      const child = await this.access.findWritable(actor, clientId);
      const guardianId = await this.guardians.end(clientId, linkOrGuardianId, new Date(this.clock.now()));
      if (!guardianId) throw notFound();
      const clinicId = child.clinicIds.find((clinic) => worksAtFrontDesk(actor, clinic)) ?? null;
      await this.record('client.guardian-ended', { clientId, guardianId, clinicId });
      return null;
    });
  }

  private async assertChild({ id, dateOfBirth }: ClientView, clinicId: string): Promise<void> {
    if (!dateOfBirth) throw cannotLink('NO_DATE_OF_BIRTH', 'The record has no date of birth. Enter it first.');
    const timeZone = await this.guardians.getTimeZone(clinicId);
    if (!isInForce({ dateOfBirth, timeZone }, this.clock.now()))
      throw cannotLink('ADULT', 'The patient is 18 or older.');
    if ((await this.findInForce(id)).length >= MAX_GUARDIANS)
      throw cannotLink(
        'TOO_MANY_GUARDIANS',
        `A patient has at most ${MAX_GUARDIANS} guardians. End another link first.`,
      );
  }

  private async findInForce(clientId: string): Promise<LinkInForce[]> {
    const links = await this.guardians.findOfClients([clientId]);
    return links.filter((link): link is LinkInForce => isInForce(link, this.clock.now()));
  }

  private record(action: string, { clientId, guardianId, clinicId }: LinkedPatients): Promise<void> {
    const changes = { guardianId, clientIds: [clientId, guardianId] };
    return this.changes.record({ action, objectType: 'client', objectId: clientId, clinicId, changes, event: null });
  }
}

/** A link of a child whose date of birth is known. */
type LinkInForce = GuardianLink & { dateOfBirth: string };

interface LinkedPatients {
  clientId: string;
  guardianId: string;
  clinicId: string | null;
}

const toGuardianView = (link: LinkInForce): GuardianView => ({
  id: link.id,
  clientId: link.guardianId,
  firstName: link.guardianFirstName,
  lastName: link.guardianLastName,
  clinicId: link.clinicId,
  endsOn: eighteenthBirthday(link.dateOfBirth),
  createdAt: link.createdAt,
});

const toChildView = (link: LinkInForce): ChildView => ({
  id: link.id,
  clientId: link.clientId,
  firstName: link.clientFirstName,
  lastName: link.clientLastName,
  endsOn: eighteenthBirthday(link.dateOfBirth),
});

const cannotLink = (reason: string, message: string): DomainError =>
  new DomainError('INVALID_TRANSITION', message, { reason });
