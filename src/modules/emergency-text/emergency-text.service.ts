import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EmergencyTexts, type EmergencyTextProvider, type RefusedRequest } from '../../core/http/emergency-texts.js';
import { Clock } from '../../core/kernel/clock.js';
import { isId } from '../../core/kernel/id.js';
import { languageTag } from '../../core/kernel/locale.js';
import { emergencyText } from '../ai/index.js';
import { callText, EmergencyContacts, type Asking, type EmergencyContact } from '../stroke/index.js';
import { lookForEmergency } from './look-for-emergency.js';

/** Where people report symptoms: the stroke assessment and the chat, also below the mobile client's prefixes. */
const ROUTES = /^\/api(?:\/v1|\/main)?\/ai\/(?:stroke-assessment|assessment|chat)\/?$/i;
/** Nobody who must call waits longer for a clinic's number. */
const LOOK_UP_MILLISECONDS = 300;
/** Refused callers may be many: beyond this many at once nothing is looked up for them. */
const MAX_LOOK_UPS = 20;

/** The text that goes before the error where a refused request tells of an emergency. */
@Injectable()
export class EmergencyText implements EmergencyTextProvider, OnModuleInit {
  private lookUps = 0;

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
    const emergency = lookForEmergency(body, text, this.clock.now());
    if (!emergency) return null;
    const asking = { ...askingOf(body ?? text), userId, acceptLanguage: headers['accept-language'] ?? null };
    const { language, number } = await this.contactFor(asking);
    if (emergency.kind === 'SIGN') return callText(language, number);
    return emergencyText(emergency.language, emergency.flag, number);
  }

  /** With the clinic's number and the profile's language where they are found at once, else by the request alone. */
  private async contactFor(asking: Asking): Promise<EmergencyContact> {
    if (this.lookUps >= MAX_LOOK_UPS) return this.contacts.withoutLookUp(asking);
    this.lookUps += 1;
    const found = this.contacts
      .find(asking)
      .catch(() => null)
      .finally(() => (this.lookUps -= 1));
    const soon = await Promise.race([found, sleep(LOOK_UP_MILLISECONDS, null, { ref: false })]);
    return soon ?? this.contacts.withoutLookUp(asking);
  }
}

/** What the request says of language and place, as far as it can be read; a wrong value says nothing. */
function askingOf(source: unknown): Asking {
  const given = (name: string): string => {
    if (typeof source === 'string') return new RegExp(`${name}["'\\s:=]{1,8}([\\w@.-]{2,60})`).exec(source)?.[1] ?? '';
    const value = (source as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  };
  const [clinicId, country] = [given('clinicId'), given('country')];
  return {
    clinicId: isId(clinicId) ? clinicId.toLowerCase() : null,
    country: /^[a-z]{2}$/i.test(country) ? country : null,
    locale: languageTag(given('locale')),
  };
}
