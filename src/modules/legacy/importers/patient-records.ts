import { Injectable } from '@nestjs/common';
import { Zone } from '../../../core/kernel/zone.js';
import { ChangeClient, ClientsService } from '../../clients/index.js';
import type { LegacyUser } from '../legacy-data.js';
import { LegacyRecordsRepository } from '../legacy-records.repository.js';
import { toCalendarDay } from '../mapping/values.js';
import type { MigrationRun } from '../migration-run.js';
import { toRequest } from './importer.js';

type Sex = 'FEMALE' | 'MALE' | 'OTHER';

const SEX: Readonly<Record<string, Sex>> = {
  female: 'FEMALE',
  f: 'FEMALE',
  أنثى: 'FEMALE',
  انثى: 'FEMALE',
  महिला: 'FEMALE',
  male: 'MALE',
  m: 'MALE',
  ذكر: 'MALE',
  पुरुष: 'MALE',
  other: 'OTHER',
};

/** The patient's record of a migrated account. */
@Injectable()
export class PatientRecords {
  constructor(
    private readonly clients: ClientsService,
    private readonly records: LegacyRecordsRepository,
  ) {}

  /** Saves the fields that the other system has. Does nothing if it has none. */
  async save(userId: string, item: LegacyUser, run: MigrationRun): Promise<void> {
    const fields = toFields(item, run);
    const clientId = Object.keys(fields).length > 0 ? await this.records.findClientId(userId) : null;
    if (clientId === null) return;
    const { clinicId } = run;
    await this.clients.change(run.actor, clientId, await toRequest(ChangeClient, { clinicId, ...fields }), null);
  }
}

function toFields({ dateOfBirth, sex, address, notes }: LegacyUser, run: MigrationRun): object {
  const known = sex === null ? undefined : SEX[sex.toLowerCase()];
  if (sex !== null && !known) run.warn('gender', 'is not a known value');
  const born = dateOfBirth === null ? null : toCalendarDay(dateOfBirth, Zone.of(run.zone));
  if (dateOfBirth !== null && born === null) run.warn('dateOfBirth', 'is not a day of the calendar');
  const isFuture = born !== null && born > Zone.of('UTC').toDay(run.now);
  if (isFuture) run.warn('dateOfBirth', 'is in the future');
  return {
    ...(born !== null && !isFuture && { dateOfBirth: born }),
    ...(known && { sex: known }),
    ...(address !== null && { address }),
    ...(notes !== null && { notes }),
  };
}
