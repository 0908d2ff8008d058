import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { UserClinicsService } from './user-clinics.service.js';
import type { CreatedUserView, CreateUser, UserView } from './users.dto.js';
import { UsersService } from './users.service.js';

/** Asks somebody who has an account already to join the clinics of a manager. */
@Injectable()
export class JoinRequests {
  constructor(
    private readonly db: Database,
    private readonly users: UsersService,
    private readonly clinics: UserClinicsService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * The account with this address, if its role is the same and it belongs to none of the clinics: the person works elsewhere, or nowhere
   * since a clinic removed them. Patients, managers and administrators are never found: their account must not become one of staff, or
   * get more rights than a manager may grant.
   */
  async findPersonToAsk(
    actor: Actor,
    { email, role }: CreateUser,
    clinicIds: readonly string[],
  ): Promise<UserView | null> {
    if (actor.role !== 'MANAGER' || (role !== 'STAFF' && role !== 'DOCTOR')) return null;
    const owner = await this.users.findOwner(email);
    const isElsewhere = owner?.role === role && !owner.clinicIds.some((id) => clinicIds.includes(id));
    return isElsewhere ? owner : null;
  }

  /** Invites the person to the clinics. The view shows the fields of the request, and nothing of the account but its id. */
  async create(userId: string, request: CreateUser, clinicIds: string[]): Promise<CreatedUserView> {
    const { email, firstName, lastName, phone = null, role, timeZone, locale } = request;
    const place = await this.clinics.findPlace(clinicIds);
    const now = new Date(this.clock.now());
    return this.db.transaction(async () => {
      for (const clinicId of clinicIds) {
        await this.changes.record({ action: 'user.join-requested', objectType: 'user', objectId: userId, clinicId });
      }
      return {
        id: userId,
        email,
        firstName,
        lastName,
        phone,
        role,
        clientId: null,
        doctorId: null,
        clinicIds: [],
        timeZone: timeZone ?? place?.timeZone ?? 'UTC',
        locale: locale ?? place?.locale ?? 'en',
        emailVerified: false,
        version: 1,
        createdAt: now,
        updatedAt: now,
        joinRequested: true,
      };
    });
  }
}
