import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { newId } from '../../core/kernel/id.js';
import { JoinRequests } from './join-requests.js';
import { Passwords } from './passwords.js';
import { assertMayCreate, clinicsForNew } from './user.policy.js';
import { UserClinicsService } from './user-clinics.service.js';
import type { CreatedUserView, CreateUser } from './users.dto.js';
import { UsersService } from './users.service.js';

/** Lets administrators and managers create accounts. */
@Injectable()
export class UserCreationService {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly passwords: Passwords,
    private readonly joinRequests: JoinRequests,
  ) {}

  /** An ADMIN may create any account, a MANAGER accounts of patients, staff and doctors of their own clinics. */
  async create(actor: Actor, request: CreateUser): Promise<CreatedUserView> {
    const clinicIds = clinicsForNew(actor, request.clinicIds);
    assertMayCreate(actor, request.role, clinicIds);
    const person = await this.joinRequests.findPersonToAsk(actor, request, clinicIds);
    if (person) return this.joinRequests.create(person.id, request, clinicIds);
    if (request.password) this.passwords.assertStrong(request.password, request);
    const passwordHash = request.password ? await this.passwords.hash(request.password) : null;
    return this.db.transaction(async () => {
      await this.clinics.assertClinics(clinicIds);
      const { clinicIds: _ids, password: _password, ...fields } = request;
      const place = await this.clinics.findPlace(clinicIds);
      const { timeZone = place?.timeZone ?? 'UTC', locale = place?.locale ?? 'en', phone = null } = fields;
      const account = { ...fields, timeZone, locale, phone };
      const id = await this.users.insert({ id: newId(), passwordHash, ...account }, { country: place?.country });
      await this.clinics.setFirstClinics({ id, role: request.role }, clinicIds);
      return { ...(await this.users.get(actor, id)), joinRequested: false };
    });
  }
}
