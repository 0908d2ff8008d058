import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../core/config/config.js';
import { negotiate } from './locales.js';
import { NOTIFICATION_KINDS, Templates, type NotificationKind, type TemplateFacts } from './templates.js';

const NOW = Date.UTC(2026, 9, 1);
const config = loadConfig({
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://localhost/x',
  REDIS_URL: 'redis://localhost',
  JWT_SECRET: 'q8Zr1vKx0LmN4tYw7PbE2sHd9GjCfUaV',
  MAIL_FROM: 'CareSlot <no-reply@clinic.example>',
});
const templates = new Templates(config, { now: () => NOW });

/** 09:00 in Cairo. */
const START = Date.UTC(2026, 10, 23, 7, 0);

const facts: TemplateFacts = {
  recipientName: 'Amina',
  recipientEmail: 'amina@example.org',
  clinicName: 'Nile Clinic',
  clinicPhone: '+20 2 5550100',
  clinicAddress: '1 Corniche, Cairo',
  doctorName: 'Dr Omar Hassan',
  serviceName: 'HIV-FOLLOW-UP',
  start: START,
  end: START + 1_800_000,
  previousStart: START - 86_400_000,
  timeZone: 'Africa/Cairo',
  clinicTimeZone: 'Africa/Cairo',
  mode: 'IN_PERSON',
  status: 'CONFIRMED',
  appointmentId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  version: 3,
  links: {
    confirm: 'https://c.example/l/confirm?t=1&u=2',
    cancel: 'https://c.example/l/cancel',
    manage: 'https://c.example/a',
    unsubscribe: 'https://c.example/l/unsubscribe',
  },
  note: 'Please bring:\r\n- your card',
};

const render = (changes: Partial<TemplateFacts> = {}, kind: NotificationKind = 'APPOINTMENT_BOOKED', locale = 'en') =>
  templates.render(kind, locale, { ...facts, ...changes });

const everywhere = (rendered: ReturnType<typeof render>): string => JSON.stringify(rendered);

describe.each(['en', 'en-GB', 'ar-EG', 'ar-MA', 'hi-IN'])('messages in %s', (locale) => {
  it.each(NOTIFICATION_KINDS)('%s has all its parts, none empty, none unfilled', (kind) => {
    const rendered = render({}, kind, locale);
    for (const part of [rendered.subject, rendered.title, rendered.short, rendered.text, rendered.html]) {
      expect(part.length).toBeGreaterThan(5);
      expect(part).not.toMatch(/\{\{|\}\}|undefined|null|\[object/);
    }
    expect(rendered.subject).not.toMatch(/[\r\n]/);
    expect(rendered.text).not.toMatch(/\n{3}/);
  });

  it.each(NOTIFICATION_KINDS)('%s names no service, and its note stays out of SMS and push', (kind) => {
    const rendered = render({ note: 'NOTE-CANARY' }, kind, locale);
    expect(everywhere(rendered)).not.toContain('HIV-FOLLOW-UP');
    expect(rendered.short + rendered.title + rendered.subject).not.toContain('NOTE-CANARY');
  });

  it.each(NOTIFICATION_KINDS)('%s is short for SMS, whatever the names', (kind) => {
    const long = 'د. عبد الرحمن '.repeat(30);
    const { short, subject } = render(
      { doctorName: long, clinicName: long, timeZone: 'America/Los_Angeles' },
      kind,
      locale,
    );
    expect(short.length).toBeLessThanOrEqual(300);
    expect(subject.length).toBeLessThanOrEqual(200);
  });
});

describe('the language', () => {
  it('is the nearest that there is, and English otherwise', () => {
    const languages = ['ar-EG', 'ar_EG', 'hi', 'en-GB', 'fr', '', 'not a tag!'].map((tag) => negotiate(tag).language);
    expect(languages).toEqual(['ar', 'ar', 'hi', 'en', 'en', 'en', 'en']);
  });

  it('decides the digits by its region', () => {
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-EG').text).toMatch(/٢٣ نوفمبر ٢٠٢٦/);
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-MA').text).toMatch(/23 نونبر 2026/);
    // Hijri is the locale's own, but not the desk's.
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-SA').text).toMatch(/نوفمبر ٢٠٢٦/);
  });

  it('turns the page for Arabic, and isolates names and times', () => {
    const { html, text, short } = render({ doctorName: 'Dr Omar' }, 'APPOINTMENT_REMINDER', 'ar-EG');
    expect(html).toMatch(/<html lang="ar" dir="rtl">/);
    expect(html).toContain('<bdi>Dr Omar</bdi>');
    expect(text).toContain('\u2068Dr Omar\u2069');
    expect(short).toContain('\u2068Dr Omar\u2069');
    for (const part of [text, short]) {
      expect(part.split('\u2068')).toHaveLength(part.split('\u2069').length);
    }
  });

  it('isolates an Arabic name in English, and leaves a Latin one without marks', () => {
    expect(render({ doctorName: 'د. عمر' }).text).toContain('\u2068د. عمر\u2069');
    expect(render().short).not.toMatch(/[^\x20-\x7e]/);
  });
});

describe('the time', () => {
  it('names its zone', () => {
    expect(render().text).toContain('When: Monday, November 23, 2026 at 9:00 AM (GMT+2, Cairo time)');
    expect(render({ timeZone: 'UTC', clinicTimeZone: 'UTC' }).short).toContain('7:00 AM (UTC)');
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar').short).toContain('(غرينتش+2، توقيت مصر)');
    expect(render({}, 'APPOINTMENT_BOOKED', 'hi').short).toContain('(GMT+2, मिस्र समय)');
  });

  it('is the same instant for a patient at UTC-8 and a clinic at UTC+11, each with its zone (complaint 9)', () => {
    const { text, short, html, calendar } = render({
      timeZone: 'America/Los_Angeles',
      clinicTimeZone: 'Pacific/Guadalcanal',
    });
    const patient = 'Sunday, November 22, 2026 at 11:00 PM (GMT-8, Los Angeles time)';
    const clinic = 'Monday, November 23, 2026 at 6:00 PM (GMT+11, Guadalcanal time)';
    expect(text).toContain(`When: ${patient}\nAt the clinic: ${clinic}`);
    expect(html).toContain(patient);
    expect(html).toContain(clinic);
    expect(short).toContain(
      'Sun, Nov 22, 11:00 PM (GMT-8, Los Angeles time); at the clinic Mon, Nov 23, 6:00 PM (GMT+11, Guadalcanal time)',
    );
    expect(calendar?.content).toContain('DTSTART:20261123T070000Z');
  });

  it('is told once where two zones show the same', () => {
    expect(render({ timeZone: 'Europe/Athens' }).text).not.toContain('At the clinic');
  });

  it('is the clinic’s where the recipient’s zone is none', () => {
    expect(render({ timeZone: 'Mars/Olympus' }).text).toContain('Cairo time');
  });

  it('tells the old time of a moved appointment', () => {
    const { text } = render({}, 'APPOINTMENT_MOVED');
    expect(text).toContain('Was: Sunday, November 22, 2026 at 9:00 AM');
  });
});

describe('what people write', () => {
  const nasty = '{{7*7}} <%= 1 %> <img src=x onerror=alert(1)> & "x"\r\nBcc: a@evil.example\u202e';

  it('stays literal, on one line, and escaped in HTML', () => {
    const { subject, text, html, short, calendar } = render({
      recipientName: nasty,
      doctorName: nasty,
      clinicName: nasty,
    });
    expect(text).toContain('{{7*7}} <%= 1 %> <img src=x onerror=alert(1)> & "x" Bcc: a@evil.example');
    expect(html).toContain(
      '{{7*7}} &lt;%&#x3D; 1 %&gt; &lt;img src&#x3D;x onerror&#x3D;alert(1)&gt; &amp; &quot;x&quot;',
    );
    expect(html).not.toContain('<img');
    expect(subject + short).not.toMatch(/[\r\n\u202e]/);
    expect(calendar?.content).not.toMatch(/^Bcc/m);
  });

  it('keeps the lines of a note, as text', () => {
    const { text, html } = render({ note: 'One\r\n{{two}}\u0000 <b>' }, 'MESSAGE_FROM_CLINIC');
    expect(text).toContain('One\n{{two}} <b>');
    expect(html).toContain('One\n{{two}} &lt;b&gt;');
  });
});

describe('the rest', () => {
  it('makes a button of each link, and escapes its address', () => {
    const { html, text } = render();
    expect(html.match(/<a href="https:\/\/c.example\/(l\/confirm|l\/cancel|a)/g)).toHaveLength(3);
    expect(html).toContain('confirm?t&#x3D;1&amp;u&#x3D;2');
    expect(text).toContain('Confirm:\nhttps://c.example/l/confirm?t=1&u=2');
  });

  it('says that a booking waits for the clinic', () => {
    expect(render({ status: 'PENDING' }).title).toBe('Appointment requested');
    expect(render({ status: 'PENDING' }, 'APPOINTMENT_MOVED').text).toContain('still has to confirm');
  });

  it('gives a video visit no address', () => {
    const { text } = render({ mode: 'VIDEO' });
    expect(text).toContain('Where: Video visit');
    expect(text).not.toContain('Corniche');
  });

  it('says nothing of a visit in a message from the clinic', () => {
    const { text } = render({ doctorName: '', clinicName: '' }, 'MESSAGE_FROM_CLINIC');
    expect(text).toContain('your clinic wrote to you');
    expect(text).not.toMatch(/When|With:|November/);
  });
});
