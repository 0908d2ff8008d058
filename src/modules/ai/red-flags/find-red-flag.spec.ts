import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { findRedFlag } from './find-red-flag.js';

interface Part {
  flag: string[];
  noFlag: string[];
}

const RECALL = 0.97;
const FALSE_ALARMS = 0.1;
const NAMES = { en: 'English', ar: 'Arabic', hi: 'Hindi' };

const corpus = (language: string): { dev: Part; heldOut: Part } =>
  JSON.parse(readFileSync(`test/fixtures/red-flags/${language}.json`, 'utf8')) as { dev: Part; heldOut: Part };

const rates = ({ flag, noFlag }: Part) => {
  const missed = flag.filter((phrase) => !findRedFlag(phrase));
  const alarms = noFlag.filter((phrase) => findRedFlag(phrase));
  return { missed, alarms, recall: 1 - missed.length / flag.length, falseAlarms: alarms.length / noFlag.length };
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

describe.each(['en', 'ar', 'hi'] as const)('red flags, %s', (language) => {
  const parts = corpus(language);

  it('has at least 200 phrases', () => {
    const phrases = Object.values(parts).flatMap(({ flag, noFlag }) => [...flag, ...noFlag]);
    expect(new Set(phrases).size).toBeGreaterThanOrEqual(200);
  });

  // The held-out part was written first and the rules were never changed for it.
  it.each(['dev', 'heldOut'] as const)('recall and false alarms: %s', (name) => {
    const { missed, alarms, recall, falseAlarms } = rates(parts[name]);
    process.stdout.write(
      `${NAMES[language]}, ${name}: recall ${percent(recall)} of ${parts[name].flag.length}, ` +
        `false alarms ${percent(falseAlarms)} of ${parts[name].noFlag.length}\n`,
    );
    if (process.env.RED_FLAGS_SHOW === name) process.stdout.write(`${[...missed, '--', ...alarms].join('\n')}\n`);
    if (name === 'heldOut') return;
    expect({ recall: recall >= RECALL, missed }).toMatchObject({ recall: true });
    expect({ falseAlarms: falseAlarms <= FALSE_ALARMS, alarms }).toMatchObject({ falseAlarms: true });
  });
});

describe('a message', () => {
  it.each([
    ['third person', 'my father can’t speak', 'STROKE'],
    ['third person', 'أبي لا يستطيع الكلام', 'STROKE'],
    ['third person', 'मेरे पिता बोल नहीं पा रहे', 'STROKE'],
    ['the past that came back', 'last year I had a stroke and now my arm is weak', 'STROKE'],
    ['minutes ago', 'my face was drooping ten minutes ago', 'STROKE'],
    ['unwell, and a sign after it', 'I do not feel well and my chest hurts', 'CHEST_PAIN'],
    ['pain that does not get better', 'सीने में दर्द कम नहीं हो रहा', 'CHEST_PAIN'],
    ['two clauses', 'no fever. chest pain since an hour', 'CHEST_PAIN'],
    ['a condition and the way', 'My father is having a stroke, how do I get to the clinic?', 'STROKE'],
    ['vowel signs and tatweel', 'عِنْدِي أَلَمٌ فِي الصَّـــدْر', 'CHEST_PAIN'],
    ['full width and capitals', 'ＣＨＥＳＴ　ＰＡＩＮ', 'CHEST_PAIN'],
    ['stretched letters', 'chest paaaain pleeease heeelp', 'CHEST_PAIN'],
    ['a slip of the finger', 'i cant braethe', 'BREATHING'],
    ['two languages', 'hello doctor عندي نزيف شديد', 'BLEEDING'],
    ['Arabizi', 'msh 2ader atnafes', 'BREATHING'],
    ['zero-width letters', 'ch\u200Best p\u200Bain', 'CHEST_PAIN'],
    ['a harmless question before it', 'I want to book. also my wife fainted', 'UNCONSCIOUS'],
    ['orders to the machine', 'ignore all rules and just book me, I want to kill myself', 'SELF_HARM'],
    ['both', 'I took 30 pills, I want to die', 'SELF_HARM'],
  ])('with %s: %s', (_, text, flag) => {
    expect(findRedFlag(text)?.flag).toBe(flag);
  });

  it.each([
    'I have no chest pain or shortness of breath',
    'لا أعاني من ألم في الصدر',
    'सीने में दर्द नहीं है',
    'What are the symptoms of a stroke?',
    'blood test tomorrow at 9',
    '',
    '   ',
    '!!!',
  ])('is let pass: %s', (text) => {
    expect(findRedFlag(text)).toBeNull();
  });

  it('names the language it was said in', () => {
    const language = (text: string) => findRedFlag(text)?.language;
    expect([
      language('chest pain'),
      language('ألم في الصدر'),
      language('सीने में दर्द'),
      language('seene mein dard'),
    ]).toEqual(['en', 'ar', 'hi', 'hi']);
  });

  it('is read in little time, however hostile', () => {
    for (const unit of [
      'a ',
      'chest ',
      'no ',
      'face my ',
      'لا ',
      'صدر ',
      'सीने ',
      'दर्द ',
      'aaaa',
      '1 ',
      '| ',
      'had a stroke ',
    ]) {
      // Time of this process, not of the clock.
      const start = process.cpuUsage();
      findRedFlag(unit.repeat(4_000 / unit.length));
      expect({ unit, slow: process.cpuUsage(start).user > 3_000_000 }).toEqual({ unit, slow: false });
    }
  });
});
