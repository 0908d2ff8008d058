import { describe, expect, it } from '@jest/globals';
import { measureCpuSeconds } from '../../../../test/support/cpu-time.js';
import { ModelOutputParser } from './model-output-parser.js';

function parse(...pieces: string[]): { shown: string; text: string; disposition: string | null } {
  const parser = new ModelOutputParser();
  const shown = pieces.map((piece) => parser.push(piece)).join('') + parser.end();
  return { shown, text: parser.text, disposition: parser.disposition };
}

it('the model call must stop as soon as the emergency tag is complete', () => {
  const parser = new ModelOutputParser();
  const stops = ['[[EMER', 'GENCY', ']'].map((piece) => {
    parser.push(piece);
    return parser.mustStop;
  });
  expect(stops).toEqual([false, false, true]);
});

describe('the parsed answer', () => {
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
      ['Information about your visit is in the app, under Appointments.'],
      'ROUTINE',
      'Information about your visit is in the app, under Appointments.',
    ],
    [['[[INFO]]\nAll of this is in the app [[EMER', 'GENCY]] it.'], 'EMERGENCY', 'All of this is in the app  it.'],
    [
      ['<thi', 'nk>\nThe patient [[EMERGENCY]]', ' wants\n to know</th', 'ink>\n[[INFO]]\nAt nine.'],
      'INFO',
      'At nine.',
    ],
    [['<think>and never ends [[EMERGENCY]]'], 'ROUTINE', ''],
  ])('of %j has the disposition %s', (pieces, disposition, text) => {
    expect(parse(...pieces)).toMatchObject({ disposition, text });
  });

  it('contains no markup or marks that reverse text, for any size of the pieces', () => {
    const all = '[[INFO]]\nGo <b>there</b> with [your card](x) \u202Eat nine.';
    for (let size = 1; size < 12; size += 1) {
      const pieces = all.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const expected = 'Go ‹b›there‹/b› with [your card] (x) at nine.';
      expect({ size, ...parse(...pieces) }).toMatchObject({ size, shown: expected, text: expected });
    }
  });

  it.each([
    'Go to clinic-pay.com now',
    'Go to pay.clinic.xyz/x now',
    'Write to help@evil.com now',
    'Tap tel:+19005550100 now',
    'Tap ht\u200Btps:\u2060//evil.example/a now',
  ])('ends before a link, address or number: %s', (all) => {
    const parser = new ModelOutputParser();
    const pieces = ['[[INFO]]\nHello.\n', ...all.split(/(?= )/)];
    const shown = pieces.map((piece) => parser.push(piece)).join('') + parser.end();
    expect({ shown: shown.trim(), violation: parser.violation }).toEqual({ shown: 'Hello.', violation: 'CONTACT' });
  });

  it('contains no invisible characters', () => {
    expect(parse('[[INFO]]\nHidden \u{E0068}\u{E0069}characters').text).toBe('Hidden characters');
  });

  it.each([
    'Bring your papers, e.g. the insurance card, and come at 9.30, i.e. before noon.',
    'सर्व\u200Dर और नमी',
    'Ends here.Then and/or 7.2 mg/dl.',
  ])('contains harmless punctuation unchanged: %s', (all) => expect(parse(`[[INFO]]\n${all}`).text).toBe(all));

  it('has at most 8,000 characters and takes less than 5 s of CPU time, for repeated words and marks', () => {
    for (const unit of ['word ', 'x', '\n', '[[', 'http', '< ', 'a.', '<think>', '- ', '[[ ']) {
      let text = '';
      const seconds = measureCpuSeconds(() => ({ text } = parse(unit.repeat(200_000), unit.repeat(200_000))));
      expect(text.length).toBeLessThanOrEqual(8_000);
      expect({ unit, isSlow: seconds > 5 }).toEqual({ unit, isSlow: false });
    }
  });
});
