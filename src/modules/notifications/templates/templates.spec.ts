import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../core/config/config.js';
import { negotiate } from './locales.js';
import { Templates } from './templates.js';
import type { TemplateFacts } from './template-facts.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './message-kinds.js';

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
    unsubscribe: 'https://c.example/l/unsubscribe',
  },
  note: 'Please bring:\r\n- your card',
  until: '2026-12-24',
  refund: { amountMinor: 50_000, currency: 'EGP', isTooLate: false },
};

const render = (changes: Partial<TemplateFacts> = {}, kind: NotificationKind = 'APPOINTMENT_BOOKED', locale = 'en') =>
  templates.render(kind, locale, { ...facts, ...changes });

/** All parts of a message as one text. */
const allParts = (rendered: ReturnType<typeof render>): string => JSON.stringify(rendered);

describe.each(['en', 'en-GB', 'ar-EG', 'ar-MA', 'hi-IN'])('messages in %s', (locale) => {
  it.each(NOTIFICATION_KINDS)('%s has all parts, without empty parts and unfilled placeholders', (kind) => {
    const rendered = render({}, kind, locale);
    for (const part of [rendered.subject, rendered.title, rendered.short, rendered.text, rendered.html]) {
      expect(part.length).toBeGreaterThan(5);
      expect(part).not.toMatch(/\{\{|\}\}|undefined|null|\[object/);
    }
    expect(rendered.subject).not.toMatch(/[\r\n]/);
    expect(rendered.text).not.toMatch(/\n{3}/);
  });

  it.each(NOTIFICATION_KINDS)(
    '%s does not contain the service, and its note is not in SMS, push and subject (P-12)',
    (kind) => {
      const rendered = render({ note: 'NOTE-CANARY' }, kind, locale);
      expect(allParts(rendered)).not.toContain('HIV-FOLLOW-UP');
      expect(rendered.short + rendered.title + rendered.subject).not.toContain('NOTE-CANARY');
    },
  );

  it.each(NOTIFICATION_KINDS)(
    '%s has at most 300 characters for SMS and 200 in the subject, even with long names',
    (kind) => {
      const long = 'د. عبد الرحمن '.repeat(30);
      const { short, subject } = render(
        { doctorName: long, clinicName: long, timeZone: 'America/Los_Angeles' },
        kind,
        locale,
      );
      expect(short.length).toBeLessThanOrEqual(300);
      expect(subject.length).toBeLessThanOrEqual(200);
    },
  );
});

describe.each(['en', 'ar-EG', 'hi-IN'])('messages about several appointments in %s', (locale) => {
  const visits = [0, 7, 14].map((days) => ({
    ...{ appointmentId: facts.appointmentId, version: 1, status: 'CONFIRMED', doctorName: facts.doctorName },
    ...{ start: START + days * 86_400_000, end: START + days * 86_400_000 + 1_800_000, mode: facts.mode },
    previousStart: START - (days + 1) * 86_400_000,
    links: { chooseTime: `https://c.example/l/${days}?a=1&b=2` },
  }));

  it.each(['APPOINTMENT_BOOKED', 'APPOINTMENT_MOVED', 'APPOINTMENT_CANCELLED'] as const)('%s', (kind) => {
    for (const status of ['CONFIRMED', 'PENDING']) {
      const long = 'د. عبد الرحمن '.repeat(30);
      const rendered = render(
        { visits, status, doctorName: long, clinicName: long, timeZone: 'Asia/Tokyo' },
        kind,
        locale,
      );
      for (const part of [rendered.subject, rendered.title, rendered.short, rendered.text, rendered.html]) {
        expect(part).not.toMatch(/\{\{|\}\}|undefined|null|\[object/);
      }
      expect(rendered.short.length).toBeLessThanOrEqual(300);
      expect(rendered.subject.length).toBeLessThanOrEqual(200);
      expect(allParts(rendered)).not.toContain('HIV-FOLLOW-UP');
      expect(rendered.calendar?.content.split('BEGIN:VEVENT')).toHaveLength(4);
      expect(rendered.calendar?.content).not.toContain('ATTENDEE');
    }
  });

  it('have the links of each appointment beside its time, and in SMS only that of the first', () => {
    const [first] = visits as [(typeof visits)[0]];
    const { text, html, sms, short } = render({ visits, ...first }, 'APPOINTMENT_CANCELLED', locale);
    const times = visits.map(({ start }) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: facts.timeZone, calendar: 'gregory' }).format(
        start,
      ),
    );
    visits.forEach(({ links: { chooseTime } }, index) => {
      const own = text.slice(text.indexOf(times[index] as string)).split('\n\n')[0];
      expect(own).toContain(chooseTime);
      expect(html).toContain(`href="${chooseTime.replace(/=/g, '&#x3D;').replace('&b', '&amp;b')}"`);
    });
    expect(sms).toBe(`${short}\n${/\n(.*): https:/.exec(sms)?.[1]}: ${first.links.chooseTime}`);
    expect(short).not.toContain('https:');
  });

  it('name the doctor and place of each only if they differ, and all doctors in the sentence', () => {
    const [one, two, three] = visits as [(typeof visits)[0], (typeof visits)[0], (typeof visits)[0]];
    const several = [one, { ...two, doctorName: 'Dr Second' }, { ...three, mode: 'VIDEO' as const }];
    const same = render({ visits }, 'APPOINTMENT_MOVED', locale).text;
    const differ = render({ visits: several }, 'APPOINTMENT_MOVED', locale);
    expect(same.split('Dr Omar Hassan')).toHaveLength(3);
    expect(differ.text.split('Dr Second').length).toBeGreaterThan(3);
    expect(differ.text.split('Corniche')).toHaveLength(3);
    expect(differ.short).toContain('Dr Second');
  });

  it('say what the time of each was before a move', () => {
    const { text } = render({ visits }, 'APPOINTMENT_MOVED', locale);
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'Africa/Cairo', calendar: 'gregory' });
    for (const { previousStart } of visits) expect(text).toContain(day.format(previousStart));
  });
});

describe('languages', () => {
  it('a locale gets its language if it is supported, otherwise English', () => {
    const languages = ['ar-EG', 'ar_EG', 'hi', 'en-GB', 'fr', '', 'not a tag!'].map((tag) => negotiate(tag).language);
    expect(languages).toEqual(['ar', 'ar', 'hi', 'en', 'en', 'en', 'en']);
  });

  it('the region of a locale decides the digits of dates, and the calendar is always Gregorian', () => {
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-EG').text).toMatch(/٢٣ نوفمبر ٢٠٢٦/);
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-MA').text).toMatch(/23 نونبر 2026/);
    // The default calendar of ar-SA is Hijri.
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar-SA').text).toMatch(/نوفمبر ٢٠٢٦/);
  });

  it('Arabic HTML is right-to-left, and names and times are isolated', () => {
    const { html, text, short } = render({ doctorName: 'Dr Omar' }, 'APPOINTMENT_REMINDER', 'ar-EG');
    expect(html).toMatch(/<html lang="ar" dir="rtl">/);
    expect(html).toContain('<bdi>Dr Omar</bdi>');
    expect(text).toContain('\u2068Dr Omar\u2069');
    expect(short).toContain('\u2068Dr Omar\u2069');
    for (const part of [text, short]) {
      expect(part.split('\u2068')).toHaveLength(part.split('\u2069').length);
    }
  });

  it('in English an Arabic name is isolated, and Latin text has no direction marks', () => {
    expect(render({ doctorName: 'د. عمر' }).text).toContain('\u2068د. عمر\u2069');
    expect(render().short).not.toMatch(/[^\x20-\x7e]/);
  });
});

describe('times', () => {
  it('a time has its offset and the name of its zone', () => {
    expect(render().text).toContain('When: Monday, November 23, 2026 at 9:00 AM (GMT+2, Cairo time)');
    expect(render({ timeZone: 'UTC', clinicTimeZone: 'UTC' }).short).toContain('7:00 AM (UTC)');
    expect(render({}, 'APPOINTMENT_BOOKED', 'ar').short).toContain('(غرينتش+2، توقيت مصر)');
    expect(render({}, 'APPOINTMENT_BOOKED', 'hi').short).toContain('(GMT+2, मिस्र समय)');
  });

  it('a patient at UTC-8 and a clinic at UTC+11 have the same instant in their own times, each with its zone (docs/complaints.md, 9)', () => {
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

  it('the clinic’s time is left out if both zones have the same offset', () => {
    expect(render({ timeZone: 'Europe/Athens' }).text).not.toContain('At the clinic');
  });

  it('the clinic’s time zone is used if the recipient’s is unknown', () => {
    expect(render({ timeZone: 'Mars/Olympus' }).text).toContain('Cairo time');
  });

  it.each([
    ['en', 'Join the video visit'],
    ['ar', 'الانضمام إلى الزيارة عبر الفيديو'],
    ['hi', 'वीडियो परामर्श में शामिल हों'],
  ])('a video visit has its link in mails in %s, but not in SMS and not after the cancellation', (locale, label) => {
    const video = { mode: 'VIDEO', videoUrl: 'https://video.example/r?a=1&b=2' } as const;
    const { text, html, short, calendar } = render(video, 'APPOINTMENT_REMINDER', locale);
    expect(text).toContain(`${label}:\n${video.videoUrl}\n`);
    expect(html).toContain('href="https://video.example/r?a&#x3D;1&amp;b&#x3D;2"');
    expect(short).not.toContain('video.example');
    expect(calendar).toBeUndefined();
    expect(render(video, 'APPOINTMENT_BOOKED', locale).calendar?.content).toContain('URL;VALUE=URI:https://video');
    expect(allParts(render({ ...video, status: 'CANCELLED' }, 'APPOINTMENT_CANCELLED', locale))).not.toContain(
      'video.ex',
    );
    expect(allParts(render({ ...video, mode: 'IN_PERSON' }, 'APPOINTMENT_BOOKED', locale))).not.toContain('video.ex');
  });

  it('a moved appointment has its old time', () => {
    const { text } = render({}, 'APPOINTMENT_MOVED');
    expect(text).toContain('Was: Sunday, November 22, 2026 at 9:00 AM');
  });
});

describe('texts of people', () => {
  const hostile = '{{7*7}} <%= 1 %> <img src=x onerror=alert(1)> & "x"\r\nBcc: a@evil.example\u202e';

  it('names are inserted literally, on one line, and escaped in HTML (I-08)', () => {
    const { subject, text, html, short, calendar } = render({
      recipientName: hostile,
      doctorName: hostile,
      clinicName: hostile,
    });
    expect(text).toContain('{{7*7}} <%= 1 %> <img src=x onerror=alert(1)> & "x" Bcc: a@evil.example');
    expect(html).toContain(
      '{{7*7}} &lt;%&#x3D; 1 %&gt; &lt;img src&#x3D;x onerror&#x3D;alert(1)&gt; &amp; &quot;x&quot;',
    );
    expect(html).not.toContain('<img');
    expect(subject + short).not.toMatch(/[\r\n\u202e]/);
    expect(calendar?.content).not.toMatch(/^Bcc/m);
  });

  it('a note keeps its line breaks, and is escaped in HTML', () => {
    const { text, html } = render({ note: 'One\r\n{{two}}\u0000 <b>' }, 'MESSAGE_FROM_CLINIC');
    expect(text).toContain('One\n{{two}} <b>');
    expect(html).toContain('One\n{{two}} &lt;b&gt;');
  });
});

describe('parts of a message', () => {
  it('each link is a button with an escaped address', () => {
    const { html, text } = render();
    expect(html.match(/<a href="https:\/\/c.example\/l\/(confirm|cancel)/g)).toHaveLength(2);
    expect(html).toContain('confirm?t&#x3D;1&amp;u&#x3D;2');
    expect(text).toContain('Confirm:\nhttps://c.example/l/confirm?t=1&u=2');
  });

  it('a pending appointment says that the clinic must confirm it', () => {
    expect(render({ status: 'PENDING' }).title).toBe('Appointment requested');
    expect(render({ status: 'PENDING' }, 'APPOINTMENT_MOVED').text).toContain('still has to confirm');
  });

  it('a video visit has no address', () => {
    const { text } = render({ mode: 'VIDEO' });
    expect(text).toContain('Where: Video visit');
    expect(text).not.toContain('Corniche');
  });

  it('a message from the clinic contains no appointment', () => {
    const { text } = render({ doctorName: '', clinicName: '' }, 'MESSAGE_FROM_CLINIC');
    expect(text).toContain('your clinic wrote to you');
    expect(text).not.toMatch(/When|With:|November/);
  });
});
