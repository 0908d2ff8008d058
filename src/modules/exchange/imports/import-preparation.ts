import { Injectable } from '@nestjs/common';
import { Database } from '../../../core/database/database.js';
import { forbidden } from '../../../core/kernel/domain-error.js';
import { NIL_ID } from '../../../core/kernel/id.js';
import { manages, type Actor } from '../../../core/kernel/actor.js';
import { Zone } from '../../../core/kernel/zone.js';
import { ClinicsService } from '../../clinics/index.js';
import { UsersService } from '../../users/index.js';
import { ClaimLost, LEASE_SECONDS, type RunningImport } from './import-batches.js';
import { ImportRowsRepository } from './import-rows.repository.js';
import { analyzeTable } from './import-table.js';
import { ImportsRepository, type ClaimedImport } from './imports.repository.js';
import { SeenKeys } from './seen-keys.js';
import { getMappedColumns } from './values/mapped-columns.js';

/** Claims imports, and finds what their rows have in common. */
@Injectable()
export class ImportPreparation {
  constructor(
    private readonly db: Database,
    private readonly imports: ImportsRepository,
    private readonly rows: ImportRowsRepository,
    private readonly clinics: ClinicsService,
    private readonly users: UsersService,
  ) {}

  /** Claims an import that is due. A dry run begins anew, because its work left nothing. @returns null if another process has it */
  claim(id: string): Promise<ClaimedImport | null> {
    return this.db.transaction(async () => {
      const claim = await this.imports.claim(id, LEASE_SECONDS);
      if (claim?.status !== 'CHECKING' || claim.done === 0) return claim;
      await this.rows.deleteAll(id);
      await this.imports.resetCounts(id);
      return { ...claim, done: 0, created: 0, unchanged: 0, failed: 0 };
    });
  }

  /** @throws DomainError FORBIDDEN if the person who uploaded the file no longer manages the clinic, VALIDATION_ERROR for the file */
  async prepare(claim: ClaimedImport, path: string): Promise<RunningImport> {
    const { clinicId, kind, layout } = claim;
    const actor = await this.findActor(claim);
    const clinic = await this.clinics.find(clinicId);
    if (!actor || !clinic) throw forbidden('The person who uploaded the file no longer manages the clinic.');
    const analyzed = await this.analyze(claim, path, clinic.country);
    return {
      claim: analyzed,
      context: {
        ...{ actor, clinicId, zone: Zone.of(clinic.timeZone), currency: layout.currency },
        seenKeys: claim.status === 'CHECKING' ? new SeenKeys() : null,
      },
      columns: getMappedColumns(kind, layout, analyzed.analysis),
    };
  }

  private async analyze(claim: ClaimedImport, path: string, country: string | null): Promise<ClaimedImport> {
    if (claim.analysis !== null && claim.total !== null) return claim;
    const { kind, layout, format } = claim;
    const { total, analysis } = await analyzeTable(path, format, { kind, layout, country });
    if (!(await this.imports.saveAnalysis(claim, total, analysis))) throw new ClaimLost();
    return { ...claim, total, analysis };
  }

  /** The person who uploaded the file, with their present rights. */
  private async findActor({ createdBy, clinicId }: ClaimedImport): Promise<Actor | null> {
    const user = await this.users.find(createdBy);
    if (!user) return null;
    const { role, clinicIds } = user;
    const actor: Actor = { userId: createdBy, sessionId: NIL_ID, role, clinicIds, clientId: null, doctorId: null };
    return manages(actor, clinicId) ? actor : null;
  }
}
