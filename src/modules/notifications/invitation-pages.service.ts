import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { isLocalDay } from '../../core/http/instants.js';
import { MAX_PASSWORD_LENGTH } from '../../core/http/text.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import type { Device } from '../auth/index.js';
import { ClinicsService } from '../clinics/index.js';
import { InvitationAcceptance, needsSignIn, InvitationSignIn, type OpenInvitation } from '../invitations/index.js';
import type { PageFacts, PageField, PageKind } from './link-pages.js';
import type { LinkPage } from './links.service.js';

/** The fields of the form; empty if they were not sent. */
export interface InvitationForm {
  password: string;
  dateOfBirth: string;
  email: string;
  otp: string;
}

/** The pages of invitations: choose a password, enter an address after an invitation by SMS, or join a clinic. */
@Injectable()
export class InvitationPages {
  constructor(
    private readonly acceptance: InvitationAcceptance,
    private readonly signIn: InvitationSignIn,
    private readonly clinics: ClinicsService,
  ) {}

  /** Changes nothing. @returns null if the invitation cannot be used */
  async show(token: string): Promise<LinkPage | null> {
    const found = await this.acceptance.find(token);
    return found ? { kind: toQuestion(found), status: 200, facts: await this.getFacts(found) } : null;
  }

  /** @returns null if the invitation cannot be used */
  async act(token: string, form: InvitationForm, device: Device): Promise<LinkPage | null> {
    await this.signIn.assertMayTry(device.ip);
    const found = await this.acceptance.find(token);
    if (!found) return null;
    const facts = await this.getFacts(found);
    if (hasNoForm(found)) return { kind: toQuestion(found), status: 400, facts };
    const wrong = findWrongField(form, facts.fields ?? []);
    if (wrong) return { kind: wrong, status: 400, facts };
    try {
      if (needsSignIn(found)) await this.signIn.join(toRequest(token, form), device);
      else await this.acceptance.activate(toRequest(token, form));
    } catch (error) {
      return toPage(error, facts);
    }
    return { kind: found.invitation.joinsClinic ? 'JOINED' : 'INVITATION_ACCEPTED', status: 200, facts };
  }

  /** Nothing about the person: only the name of the clinic, which the message has, too. */
  private async getFacts(found: OpenInvitation): Promise<PageFacts> {
    const { clinicId } = found.invitation;
    const clinic = clinicId ? await this.clinics.get(clinicId).catch(nullIfNotFound) : null;
    return {
      locale: found.invitee.locale,
      fields: getFields(found),
      ...(clinic && { clinicName: clinic.name, clinicPhone: clinic.phone }),
    };
  }
}

/** Whether the person signs in at an identity provider only, so that no password can be asked for. */
const hasNoForm = (found: OpenInvitation): boolean => needsSignIn(found) && !found.invitee.hasPassword;

function toQuestion(found: OpenInvitation): PageKind {
  if (hasNoForm(found)) return 'JOIN_SIGNED_IN';
  if (needsSignIn(found)) return 'JOIN_CLINIC';
  return found.link.email === null ? 'CHOOSE_ADDRESS' : 'ACCEPT_INVITATION';
}

function getFields(found: OpenInvitation): PageField[] {
  if (hasNoForm(found)) return [];
  if (needsSignIn(found)) return ['currentPassword', 'otp'];
  const { link, invitee } = found;
  const birthDate: PageField[] = invitee.dateOfBirth ? ['dateOfBirth'] : [];
  return link.email === null ? ['email', ...birthDate] : ['password', ...birthDate];
}

/** @returns the page for the first field whose value cannot be right */
function findWrongField(
  { password, dateOfBirth, email }: InvitationForm,
  fields: readonly PageField[],
): PageKind | null {
  if (fields.includes('password') && password.length > MAX_PASSWORD_LENGTH) return 'WEAK_FIRST_PASSWORD';
  if (fields.includes('currentPassword') && password.length > MAX_PASSWORD_LENGTH) return 'JOIN_REFUSED';
  if (fields.includes('dateOfBirth') && !isLocalDay(dateOfBirth)) return 'WRONG_BIRTH_DATE';
  if (fields.includes('email') && !isEmail(canonicalEmail(email))) return 'WRONG_ADDRESS';
  return null;
}

const toRequest = (token: string, { password, dateOfBirth, email, otp }: InvitationForm) => ({
  token,
  password,
  ...(dateOfBirth && { dateOfBirth }),
  ...(email && { email: canonicalEmail(email) }),
  ...(otp && { otp: otp.trim() }),
});

const PAGE_OF_CODE: Record<string, { kind: PageKind; status: number }> = {
  // Not a failure: after an invitation by SMS, the first step mails a link and ends with this code.
  EMAIL_NOT_VERIFIED: { kind: 'INVITATION_MAILED', status: 200 },
  EMAIL_TAKEN: { kind: 'ADDRESS_TAKEN', status: 409 },
  INVALID_CREDENTIALS: { kind: 'JOIN_REFUSED', status: 400 },
  MFA_REQUIRED: { kind: 'JOIN_REFUSED', status: 400 },
  MFA_INVALID: { kind: 'JOIN_REFUSED', status: 400 },
};

const PAGE_OF_FIELD: Record<string, PageKind> = {
  password: 'WEAK_FIRST_PASSWORD',
  dateOfBirth: 'WRONG_BIRTH_DATE',
  email: 'WRONG_ADDRESS',
};

/** @returns null if the invitation could not be used */
function toPage(error: unknown, facts: PageFacts): LinkPage | null {
  if (!(error instanceof DomainError)) throw error;
  const page = PAGE_OF_CODE[error.code];
  if (page) return { ...page, facts };
  if (error.code !== 'VALIDATION_ERROR') throw error;
  const [field] = Array.isArray(error.details) ? (error.details as { field?: string }[]) : [];
  const kind = PAGE_OF_FIELD[field?.field ?? ''];
  return kind ? { kind, status: 400, facts } : null;
}

/** The clinic may have been deleted after it sent the message. */
function nullIfNotFound(error: unknown): null {
  if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
  throw error;
}
