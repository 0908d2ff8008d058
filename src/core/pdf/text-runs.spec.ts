import { describe, expect, it } from '@jest/globals';
import { breakLines, toVisualRuns, type Direction } from './text-runs.js';

/** One font for all characters. Letters of right-to-left scripts stay in their order within a run: the shaper reverses them. */
const runs = (text: string, base: Direction = 'auto'): string[] =>
  toVisualRuns(text, base, () => 'font').map((run) => run.text);

describe('the runs of a line, from left to right', () => {
  it.each([
    ['Mona Hassan', 'auto', ['Mona Hassan']],
    ['محمد أحمد', 'auto', ['محمد أحمد']],
    // Latin words in an Arabic line: the line begins at the right.
    ['موعد مع Dr. Smith', 'auto', ['Dr. Smith', 'موعد مع ']],
    ['موعد 12 غرفة', 'auto', [' غرفة', '12', 'موعد ']],
    // An Arabic name in an English line.
    ['Dr. منى حسن', 'ltr', ['Dr. ', 'منى حسن']],
    ['منى حسن', 'ltr', ['منى حسن']],
    ['منى, Mona', 'ltr', ['منى', ', Mona']],
    // Brackets are mirrored, and punctuation alone is turned around.
    ['(القاهرة)', 'rtl', [')القاهرة(']],
    ['Smith (2)', 'rtl', ['Smith (2)']],
    ['!?', 'rtl', ['?!']],
  ] as [string, Direction, string[]][])('%s (%s)', (text, base, expected) => {
    expect(runs(text, base)).toEqual(expected);
  });

  it('have numbers that run from left to right, also of Arabic digits, which the shaper reverses', () => {
    expect(runs('١ ديسمبر ٢٠٢٦')).toEqual(['٦٢٠٢', ' ديسمبر ', '١']);
    expect(runs('1 ديسمبر 2026')).toEqual(['2026', ' ديسمبر ', '1']);
  });

  it('are never changed by characters that control the direction', () => {
    expect(runs('\u202Eabc\u202C \u2067def\u2069')).toEqual([' abc   def ']);
    // Joiners decide how letters connect.
    expect(runs('نمی\u200Cخواهم')).toEqual(['نمی\u200Cخواهم']);
  });

  it('have one font each; spaces and digits stay with the letters before them', () => {
    const findFont = (character: string, current: string | null): string =>
      /[\d\s]/.test(character) && current ? current : /\p{Script=Devanagari}/u.test(character) ? 'hi' : 'en';
    expect(toVisualRuns('डॉ. 12 Rao', 'auto', findFont)).toEqual([
      { text: 'डॉ', font: 'hi' },
      { text: '. 12 Rao', font: 'en' },
    ]);
  });
});

describe('lines', () => {
  const fits = (line: string): boolean => [...line].length <= 6;

  it('are broken at spaces, and within words that are too long, but never within a letter with its marks', () => {
    expect(breakLines('ab cd  efg h', fits)).toEqual(['ab cd', 'efg h']);
    expect(breakLines('abcdefghij k', fits)).toEqual(['abcdef', 'ghij k']);
    expect(breakLines('किकिकिकि', fits)).toEqual(['किकिकि', 'कि']);
    expect(breakLines('', fits)).toEqual(['']);
  });
});
