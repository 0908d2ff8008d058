import { describe, expect, it } from '@jest/globals';
import { ACCOUNT_MESSAGE_KINDS } from '../../account-links/index.js';
import { accountMail } from './account-mail.js';

const getUrl = (action: string): string => `https://clinic.example/links/${action}`;

describe('a mail about an account', () => {
  it.each(ACCOUNT_MESSAGE_KINDS)('of kind %s has a subject, a text and labelled links in each language', (kind) => {
    const mails = ['en', 'ar', 'hi'].map((locale) => accountMail(kind, locale, getUrl, 'Nile Clinic'));
    expect(new Set(mails.map(({ subject }) => subject)).size).toBe(3);
    const links = mails.map(({ text }) => text.match(/https:\S+/g) ?? []);
    expect(links[1]).toEqual(links[0]);
    expect(links[2]).toEqual(links[0]);
    for (const { subject, text, html } of mails) {
      expect(html).toContain(subject);
      for (const link of links[0] ?? []) expect(html).toContain(`href="${link}"`);
      // A missing label would leave a line with only a colon.
      expect(text).not.toMatch(/^:|undefined/m);
    }
  });
});
