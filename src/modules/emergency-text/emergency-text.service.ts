import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { EmergencyTexts, type EmergencyTextProvider, type RefusedRequest } from '../../core/http/emergency-texts.js';
import { Clock } from '../../core/kernel/clock.js';
import { isId } from '../../core/kernel/id.js';
import { languageTag } from '../../core/kernel/locale.js';
import { emergencyText } from '../ai/index.js';
import { strokeCallText, EmergencyContacts, type ContactRequest, type EmergencyContact } from '../stroke/index.js';
import { findEmergencyInBody } from './find-emergency-in-body.js';

/** The routes on which people report symptoms: the stroke assessment and the chat, also with the mobile client's prefixes. */
const ROUTES = /^\/api(?:\/v1|\/main)?\/ai\/(?:stroke-assessment|assessment|chat)\/?$/i;
/** How long the text waits for the clinic's emergency number. */
const MAX_LOOK_UP_MILLISECONDS = 300;
/** The maximum number of concurrent look-ups; further requests get the text without one. */
const MAX_LOOK_UPS = 20;

/**
 * Provides the text that precedes an error if the refused request describes an emergency. It also covers requests that never reach
 * a handler: of callers who are not signed in, over a rate limit, or with a body that cannot be parsed.
 */
@Injectable()
export class EmergencyTextService implements EmergencyTextProvider, OnModuleInit {
  private readonly lookUps = new Semaphore({ total: MAX_LOOK_UPS });

  constructor(
    private readonly texts: EmergencyTexts,
    private readonly contacts: EmergencyContacts,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.texts.register(this);
  }

  handles(method: string, path: string): boolean {
    return method === 'POST' && ROUTES.test(path);
  }

  async textFor({ body, text, headers, userId }: RefusedRequest): Promise<string | null> {
    const emergency = findEmergencyInBody(body, text, this.clock.now());
    if (!emergency) return null;
    const request = { ...readContactRequest(body ?? text), userId, acceptLanguage: headers['accept-language'] ?? null };
    const contact = await this.getContact(request);
    if (emergency.kind === 'SIGN') return strokeCallText(contact.language, contact.number);
    return emergencyText(emergency.language ?? contact.language, emergency.flag, contact);
  }

  /** Uses the clinic's number and the profile's language if they are found in time, otherwise only the request. */
  private async getContact(request: ContactRequest): Promise<EmergencyContact> {
    const release = this.lookUps.tryAcquire();
    if (!release) return this.contacts.withoutLookUp(request);
    const found = this.contacts
      .find(request)
      .catch(() => null)
      .finally(release);
    const inTime = await Promise.race([found, sleep(MAX_LOOK_UP_MILLISECONDS, null, { ref: false })]);
    return inTime ?? this.contacts.withoutLookUp(request);
  }
}

/** Reads clinic, country and language from a request, as far as possible; ignores invalid values. */
function readContactRequest(source: unknown): ContactRequest {
  const [clinicId, country] = [readField(source, 'clinicId'), readField(source, 'country')];
  return {
    clinicId: isId(clinicId) ? clinicId.toLowerCase() : null,
    country: /^[a-z]{2}$/i.test(country) ? country : null,
    locale: languageTag(readField(source, 'locale')),
  };
}

/** @param source a parsed body, or the text of one that could not be parsed @returns an empty text if there is no such text field */
function readField(source: unknown, name: string): string {
  if (typeof source === 'string') return new RegExp(`${name}["'\\s:=]{1,8}([\\w@.-]{2,60})`).exec(source)?.[1] ?? '';
  const value = (source as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
