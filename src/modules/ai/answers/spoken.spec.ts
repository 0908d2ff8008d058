import { describe, expect, it } from '@jest/globals';
import { Spoken } from './spoken.js';

function heard(...pieces: string[]): { shown: string; text: string; disposition: string | null } {
  const spoken = new Spoken();
  const shown = pieces.map((piece) => spoken.push(piece)).join('') + spoken.end();
  return { shown, text: spoken.text, disposition: spoken.disposition };
}

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

  it('is cut where it does not end, and takes no time however long it is', () => {
    for (const unit of ['word ', 'x', '\n', '[[', 'http', '< ']) {
      const start = performance.now();
      expect(heard(unit.repeat(200_000), unit.repeat(200_000)).text.length).toBeLessThanOrEqual(8_000);
      expect({ unit, slow: performance.now() - start > 1_000 }).toEqual({ unit, slow: false });
    }
  });
});
