import { describe, expect, it } from '@jest/globals';
import { ModelOutputParser } from './model-output-parser.js';

function heard(...pieces: string[]): { shown: string; text: string; disposition: string | null } {
  const parser = new ModelOutputParser();
  const shown = pieces.map((piece) => parser.push(piece)).join('') + parser.end();
  return { shown, text: parser.text, disposition: parser.disposition };
}

it('the tag of an emergency stops the model at its last letter', () => {
  const parser = new ModelOutputParser();
  for (const piece of ['[[EMER', 'GENCY', ']']) parser.push(piece);
  expect(parser.mustStop).toBe(true);
});

describe('what a model says', () => {
  it.each([
    [['[[URGENT]]\nCome today.'], 'URGENT', 'Come today.'],
    [['[', '[self', ' care]', ']\nRest', '.'], 'SELF_CARE', 'Rest.'],
    [['[DISPOSITION: info] Yes.'], 'INFO', 'Yes.'],
    [['No tag at all, but a long sentence.'], 'ROUTINE', 'No tag at all, but a long sentence.'],
    [['[[PANIC]]\nRun.'], 'ROUTINE', 'Run.'],
    [['[[EMERGENCY]]'], 'EMERGENCY', ''],
    [['Short'], 'ROUTINE', 'Short'],
    [[], 'ROUTINE', ''],
    [['**[[URG', 'ENT]]**\n\nCome today.'], 'URGENT', 'Come today.'],
    [['EMERGENCY\nCall.'], 'EMERGENCY', 'Call.'],
    [['URGENT: come today, and bring what you take.'], 'URGENT', 'come today, and bring what you take.'],
    [
      ['Information is here for you, and nothing more than it.'],
      'ROUTINE',
      'Information is here for you, and nothing more than it.',
    ],
    [['[[INFO]]\nThat sounds like [[EMER', 'GENCY]] to me.'], 'EMERGENCY', 'That sounds like  to me.'],
    [
      ['<thi', 'nk>\nThe patient [[EMERGENCY]]', ' wants\n to know</th', 'ink>\n[[INFO]]\nAt nine.'],
      'INFO',
      'At nine.',
    ],
    [['<think>and never ends [[EMERGENCY]]'], 'ROUTINE', ''],
  ])('%j is %s', (pieces, disposition, text) => {
    expect(heard(...pieces)).toMatchObject({ disposition, text });
  });

  it('is shown without markup, links or marks that turn text around, wherever the pieces are cut', () => {
    const all =
      '[[INFO]]\nGo <b>there</b>: https://evil.example/x?y or www.evil.example, javascript:alert(1) \u202Eabc';
    for (let size = 1; size < 12; size += 1) {
      const pieces = all.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const { shown, text } = heard(...pieces);
      expect(shown.trim()).toBe(text);
      expect(text).not.toMatch(/evil|javascript|[<>\u202E]/);
    }
  });

  it.each([
    'Go to clinic-pay.com now',
    'Go to pay.clinic.xyz/x now',
    'Write to help@evil.com now',
    'Tap tel:+19005550100 now',
    'Tap ht\u200Btps:\u2060//evil.example/a now',
    'Hidden \u{E0068}\u{E0069} now',
  ])('leads nowhere: %s', (all) => {
    expect(heard('[[INFO]]\n', ...all.split(/(?= )/)).text).not.toMatch(/evil|clinic|tel:|\.com|\p{Cf}/u);
  });

  it.each(['Take it e.g. at 9.30, i.e. after food.', 'सर्व\u200Dर और नमी', 'Ends here.Then and/or 7.2 mg/dl.'])(
    'stays as it is: %s',
    (all) => expect(heard(`[[INFO]]\n${all}`).text).toBe(all),
  );

  it('is cut where it does not end, and takes no time however long it is', () => {
    for (const unit of ['word ', 'x', '\n', '[[', 'http', '< ', 'a.', '<think>', '- ', '[[ ']) {
      // Time of this process, not of the clock.
      const start = process.cpuUsage();
      expect(heard(unit.repeat(200_000), unit.repeat(200_000)).text.length).toBeLessThanOrEqual(8_000);
      expect({ unit, slow: process.cpuUsage(start).user > 5_000_000 }).toEqual({ unit, slow: false });
    }
  });
});
