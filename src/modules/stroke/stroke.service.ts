import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/security/actor.js';
import { Seal } from '../../core/security/sealed.js';
import { ClinicsService } from '../clinics/index.js';
import { UsersService } from '../users/index.js';
import { assessment } from './assessment.js';
import { emergencyNumber, type EmergencyNumber } from './emergency-number.js';
import { languageOf } from './language.js';
import { raterRoleOf, ratingFaults, type RaterRole } from './raters.js';
import { emptyFaults, glucoseFaults, timeFaults } from './request-faults.js';
import type { StrokeAssessmentRequest, StrokeAssessmentsQuery } from './stroke.dto.js';
import { StrokeRepository, type StoredAssessment } from './stroke.repository.js';
import type { StrokeAssessmentView } from './stroke.view.js';

/** Where the sealed bytes of an assessment stand. */
const placeOf = (id: string): string => `stroke_assessment|${id}`;

@Injectable()
export class StrokeService {
  private readonly seal: Seal;

  constructor(
    private readonly db: Database,
    private readonly assessments: StrokeRepository,
    private readonly users: UsersService,
    private readonly clinics: ClinicsService,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {
    this.seal = Seal.of(config, 'stroke');
  }

  /** Rates, decides how urgent it is, and keeps request and answer under seal. */
  async assess(actor: Actor, request: StrokeAssessmentRequest, acceptLanguage?: string): Promise<StrokeAssessmentView> {
    const now = this.clock.now();
    const rater = raterRoleOf(actor.role, request.rater?.role);
    assertSound(actor, rater, request, now);
    return this.db.transaction(async () => {
      const clientId = await this.patientOf(actor, rater, request.clientId?.toLowerCase());
      const profile = (await this.users.find(actor.userId))?.locale ?? null;
      const language = languageOf({ locale: request.locale, profile, acceptLanguage });
      const number = await this.numberFor(request, profile);
      const view = assessment(request, { id: newId(), actor, rater, clientId, language, number, now });
      await this.keep(request, view);
      return view;
    });
  }

  /** What is shown is clinical: each look at a patient's assessments leaves a trace. */
  async list(actor: Actor, query: StrokeAssessmentsQuery): Promise<Page<StrokeAssessmentView>> {
    return this.db.transaction(async () => {
      const page = await this.assessments.list(actor, query);
      for (const [objectId, objectType] of lookedAt(page.items)) {
        await this.changes.record({ action: 'stroke_assessment.read', objectType, objectId, event: null });
      }
      return page.map((row) => this.opened(row));
    });
  }

  private opened({ id, sealed }: StoredAssessment): StrokeAssessmentView {
    return (this.seal.open(sealed, placeOf(id)) as { answer: StrokeAssessmentView }).answer;
  }

  private async keep(request: StrokeAssessmentRequest, answer: StrokeAssessmentView): Promise<void> {
    await this.assessments.insert({
      id: answer.id,
      clientId: answer.clientId,
      clinicId: answer.clinicId,
      raterUserId: answer.rater.userId,
      raterRole: answer.rater.role,
      level: answer.level,
      instruments: Object.fromEntries(answer.scores.map(({ instrument, version }) => [instrument, version])),
      assessedAt: answer.assessedAt,
      sealed: this.seal.seal({ request, answer }, placeOf(answer.id)),
    });
    await this.changes.record({
      action: 'stroke_assessment.created',
      objectType: 'stroke_assessment',
      objectId: answer.id,
      clinicId: answer.clinicId,
      event: null,
    });
  }

  /** A patient for itself; a doctor for a patient with an appointment; anybody else for nobody who is named. */
  private async patientOf(actor: Actor, rater: RaterRole, asked: string | undefined): Promise<string | null> {
    if (actor.role === 'CLIENT') {
      if (asked && asked !== actor.clientId) throw notFound();
      return actor.clientId;
    }
    if (!asked) return null;
    if (actor.role !== 'DOCTOR' || !(await this.assessments.isPatientOf(asked, actor.doctorId))) throw notFound();
    if (rater === 'SELF') throw invalid({ field: 'rater.role', error: 'must not be SELF for somebody else' });
    return asked;
  }

  private async numberFor(
    { clinicId, country, locale }: StrokeAssessmentRequest,
    profile: string | null,
  ): Promise<EmergencyNumber> {
    if (clinicId) await this.clinics.assertOpen(clinicId);
    const clinicNumber = clinicId ? (await this.clinics.get(clinicId)).emergencyNumber : null;
    return emergencyNumber({ clinicNumber, country, locales: [locale, profile] }, this.config.EMERGENCY_NUMBERS);
  }
}

/** @throws DomainError VALIDATION_ERROR that names every field at fault */
function assertSound(actor: Actor, rater: RaterRole, request: StrokeAssessmentRequest, now: number): void {
  const faults = [
    ...emptyFaults(request),
    ...ratingFaults(actor.role, rater, request),
    ...timeFaults(request, now),
    ...glucoseFaults(request.glucose, request.glucoseUnit),
  ];
  if (faults.length > 0) throw invalid(...faults);
}

/** The patients whose assessments these are; the assessment itself where it is of nobody who is named. */
const lookedAt = (rows: readonly StoredAssessment[]): Map<string, string> =>
  new Map(rows.map(({ id, clientId }) => (clientId ? [clientId, 'client'] : [id, 'stroke_assessment'])));
