import { Injectable } from '@nestjs/common';
import { ChangeLog, onlyClinic } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import type { Page } from '../../core/http/page.js';
import { Clock } from '../../core/kernel/clock.js';
import { DomainError, invalid, notFound, type FieldError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { createAssessment, emergencyView } from './assessment.js';
import { EmergencyContacts, type EmergencyContact } from './emergency-contacts.js';
import { getRaterRole, type RaterRole } from './raters.js';
import { readRequest, type ParsedRequest } from './request-reader.js';
import type { StrokeAssessmentsQuery } from './stroke.dto.js';
import { StrokeRepository, type StoredAssessment } from './stroke.repository.js';
import type { EmergencyView, StrokeAssessmentView } from './stroke-view.dto.js';

/** An assessment or the errors. `emergency` contains the emergency text in both cases, if there is one. */
export type AssessmentOutcome =
  | { assessment: StrokeAssessmentView; errors: null; emergency: EmergencyView }
  | { assessment: null; errors: FieldError[]; emergency: EmergencyView };

/** The patient and the clinic of an assessment. In an emergency, errors in them are only recorded. */
interface Assignment {
  clientId: string | null;
  clinicId: string | null;
  rater: RaterRole;
  errors: FieldError[];
}

@Injectable()
export class StrokeService {
  constructor(
    private readonly db: Database,
    private readonly assessments: StrokeRepository,
    private readonly contacts: EmergencyContacts,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Determines the urgency, computes scores, and stores the encrypted request and answer. A body with a positive sign always gets an
   * answer, even if other fields are invalid.
   * @throws DomainError VALIDATION_ERROR with all invalid fields; NOT_FOUND for a patient whom the caller may not assess
   */
  async assess(actor: Actor, body: unknown, acceptLanguage?: string): Promise<StrokeAssessmentView> {
    const { assessment: view, errors } = await this.tryAssess(actor, body, acceptLanguage);
    if (!view) throw invalid(...errors);
    return view;
  }

  /**
   * The same, but returns errors together with the emergency text if there may be an emergency.
   * @throws DomainError NOT_FOUND for a patient whom the caller may not assess
   */
  async tryAssess(actor: Actor, body: unknown, acceptLanguage?: string): Promise<AssessmentOutcome> {
    const now = this.clock.now();
    const parsed = readRequest(body, actor.role, now);
    const isEmergency = parsed.level === 'CALL_EMERGENCY';
    if (!isEmergency && parsed.errors.length > 0) return this.refuse(actor, parsed, acceptLanguage);
    return this.db.transaction(async () => {
      const assigned = await this.assign(actor, parsed, isEmergency);
      const { language, number } = await this.findContact(actor, parsed, assigned.clinicId, acceptLanguage);
      const view = createAssessment(parsed, { ...assigned, id: newId(), actor, language, number, now });
      await this.store(parsed, view);
      return { assessment: view, errors: null, emergency: view.emergency };
    });
  }

  /** Lists assessments. The audit log records whose were read. */
  async list(actor: Actor, query: StrokeAssessmentsQuery): Promise<Page<StrokeAssessmentView>> {
    return this.db.transaction(async () => {
      const page = await this.assessments.list(actor, query);
      await this.recordReads(actor, page.items);
      return page.mapReadable((row) => this.assessments.read(row));
    });
  }

  /** A row for each patient and clinic, and one for each assessment without a patient. */
  private async recordReads(actor: Actor, rows: readonly StoredAssessment[]): Promise<void> {
    const clientIds = new Set(rows.flatMap(({ clientId }) => clientId ?? []));
    const groups = clientIds.size > 0 ? await this.changes.groupByClinic(actor, [...clientIds]) : [];
    const patients = [...groups].flatMap(([clinicId, ids]) =>
      ids.map((objectId) => ({ objectType: 'client', objectId, clinicId })),
    );
    const others = rows
      .filter(({ clientId }) => !clientId)
      .map(({ id }) => ({ objectType: 'stroke_assessment', objectId: id, clinicId: onlyClinic(actor) }));
    await this.changes.recordAccesses(
      [...patients, ...others].map((read) => ({ action: 'stroke_assessment.read', ...read })),
    );
  }

  private async refuse(actor: Actor, parsed: ParsedRequest, acceptLanguage?: string): Promise<AssessmentOutcome> {
    const find = (clinicId: string | null): Promise<EmergencyContact> =>
      this.findContact(actor, parsed, clinicId, acceptLanguage);
    const { language, number } = await find(parsed.request.clinicId ?? null).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error;
      // The clinic does not exist. The request is refused because of its other errors.
      return find(null);
    });
    const emergency = emergencyView(parsed.isPossibleEmergency, language, number);
    return { assessment: null, errors: parsed.errors, emergency };
  }

  private findContact(
    { userId }: Actor,
    { request: { country, locale } }: ParsedRequest,
    clinicId: string | null,
    acceptLanguage?: string,
  ): Promise<EmergencyContact> {
    return this.contacts.find({ userId, clinicId, country, locale, acceptLanguage });
  }

  private async store({ request }: ParsedRequest, answer: StrokeAssessmentView): Promise<void> {
    await this.assessments.insert({
      id: answer.id,
      clientId: answer.clientId,
      clinicId: answer.clinicId,
      raterUserId: answer.rater.userId,
      raterRole: answer.rater.role,
      level: answer.level,
      instruments: Object.fromEntries(answer.scores.map(({ instrument, version }) => [instrument, version])),
      assessedAt: new Date(answer.assessedAt),
      content: { request, answer },
    });
    await this.changes.record({
      action: 'stroke_assessment.created',
      objectType: 'stroke_assessment',
      objectId: answer.id,
      clinicId: answer.clinicId,
      event: null,
    });
  }

  /** @throws DomainError without an emergency; with one, an invalid patient or clinic is ignored and recorded as an error */
  private async assign(actor: Actor, parsed: ParsedRequest, isEmergency: boolean): Promise<Assignment> {
    const { request, rater } = parsed;
    const assigned: Assignment = { clientId: null, clinicId: null, rater, errors: [...parsed.errors] };
    const orRecordError = async (field: string, error: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (thrown) {
        if (!isEmergency || !(thrown instanceof DomainError) || thrown.code === 'SERVICE_UNAVAILABLE') throw thrown;
        assigned.errors.push({ field, error });
      }
    };
    const isClientIdInvalid = parsed.errors.some(({ field }) => field === 'clientId');
    await orRecordError('clientId', 'must be a patient whom you may see', async () => {
      if (!isClientIdInvalid) assigned.clientId = await this.getPatient(actor, request.clientId?.toLowerCase());
    });
    if (rater === 'SELF' && actor.role === 'DOCTOR' && assigned.clientId) {
      const error = { field: 'rater.role', error: 'must not be SELF for another person' };
      if (!isEmergency) throw invalid(error);
      assigned.rater = getRaterRole(actor.role, undefined);
      assigned.errors.push(error);
    }
    const { clinicId } = request;
    await orRecordError('clinicId', 'must be a clinic that exists', async () => {
      if (clinicId) await this.contacts.assertClinic(clinicId);
      assigned.clinicId = clinicId ?? null;
    });
    return assigned;
  }

  /**
   * The patient to assess: for a patient, themselves; for a doctor, a patient with an appointment. Other users must not give one.
   * @returns null if no patient is given
   * @throws DomainError NOT_FOUND
   */
  private async getPatient(actor: Actor, requestedId: string | undefined): Promise<string | null> {
    if (actor.role === 'CLIENT') {
      if (requestedId && requestedId !== actor.clientId) throw notFound();
      return actor.clientId;
    }
    if (!requestedId) return null;
    if (actor.role !== 'DOCTOR' || !(await this.assessments.isPatientWithDoctor(requestedId, actor.doctorId)))
      throw notFound();
    return requestedId;
  }
}
