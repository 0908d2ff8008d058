import { Injectable } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { isLocalDay } from '../../core/http/instants.js';
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

const MAX_PASSWORD_LENGTH = 128;

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
    const open = await this.acceptance.find(token);
    return open ? { kind: toQuestion(open), status: 200, facts: await this.getFacts(open) } : null;
  }

  /** @returns null if the invitation cannot be used */
  async act(token: string, form: InvitationForm, device: Device): Promise<LinkPage | null> {
    await this.signIn.assertMayTry(device.ip);
    const open = await this.acceptance.find(token);
    if (!open) return null;
    const facts = await this.getFacts(open);
    if (hasNoForm(open)) return { kind: toQuestion(open), status: 400, facts };
    const wrong = findWrongField(form, facts.fields ?? []);
    if (wrong) return { kind: wrong, status: 400, facts };
    try {
      if (needsSignIn(open)) await this.signIn.join(toRequest(token, form), device);
      else await this.acceptance.activate(toRequest(token, form));
    } catch (error) {
      return toPage(error, facts);
    }
    return { kind: open.invitation.joinsClinic ? 'JOINED' : 'INVITATION_ACCEPTED', status: 200, facts };
  }

  /** Nothing about the person: only the name of the clinic, which the message has, too. */
  private async getFacts(open: OpenInvitation): Promise<PageFacts> {
    const { clinicId } = open.invitation;
    const clinic = clinicId ? await this.clinics.get(clinicId).catch(nullIfNotFound) : null;
    return {
      locale: open.invitee.locale,
      fields: getFields(open),
      ...(clinic && { clinicName: clinic.name, clinicPhone: clinic.phone }),
    };
  }
}

/** Whether the person signs in at an identity provider only, so that no password can be asked for. */
const hasNoForm = (open: OpenInvitation): boolean => needsSignIn(open) && !open.invitee.hasPassword;

function toQuestion(open: OpenInvitation): PageKind {
  if (hasNoForm(open)) return 'JOIN_SIGNED_IN';
  if (needsSignIn(open)) return 'JOIN_CLINIC';
  return open.link.email === null ? 'CHOOSE_ADDRESS' : 'ACCEPT_INVITATION';
}

function getFields(open: OpenInvitation): PageField[] {
  if (hasNoForm(open)) return [];
  if (needsSignIn(open)) return ['currentPassword', 'otp'];
  const { link, invitee } = open;
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
