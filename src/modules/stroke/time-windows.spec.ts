import { describe, expect, it } from '@jest/globals';
import { computeScores } from './scores/index.js';
import { NIHSS_ITEMS } from './scores/nihss.js';
import { getNihssScore, timeWindows } from './time-windows.js';

describe('the windows', () => {
  const open = (onset: Parameters<typeof timeWindows>[0]): string[] => timeWindows(onset).open.map(({ code }) => code);

  it('of an unknown time are unknown, never outside', () => {
    expect(timeWindows({ sinceLastKnownWell: null })).toMatchObject({
      ivtWindow: 'UNKNOWN',
      evtWindow: 'UNKNOWN',
      minutesSinceLastKnownWell: null,
      open: [],
    });
    expect(open({ sinceLastKnownWell: null, sinceRecognised: 270 })).toEqual(['IVT_EXTENDED_UNKNOWN_ONSET']);
  });

  it.each([
    [270, 'STANDARD', '0_6H'],
    [270.01, 'EXTENDED_IMAGING_ONLY', '0_6H'],
    [360, 'EXTENDED_IMAGING_ONLY', '0_6H'],
    [360.01, 'EXTENDED_IMAGING_ONLY', '6_24H'],
    [540, 'EXTENDED_IMAGING_ONLY', '6_24H'],
    [540.01, 'SPECIALIST_ONLY', '6_24H'],
    [1440, 'SPECIALIST_ONLY', '6_24H'],
    [1440.01, 'OUTSIDE', 'OUTSIDE'],
  ])('include their end and not a moment more: %s minutes', (sinceLastKnownWell, ivtWindow, evtWindow) => {
    expect(timeWindows({ sinceLastKnownWell })).toMatchObject({
      ivtWindow,
      evtWindow,
      emergencyAdvice: true,
      minutesSinceLastKnownWell: Math.floor(sinceLastKnownWell),
    });
  });

  it.each([
    ['IVT_STANDARD', 0, 270],
    ['IVT_EXTENDED_4_5_TO_9_H', 270.01, 540],
    ['IVT_LVO_WITHOUT_EVT_4_5_TO_24_H', 270.01, 1440],
    ['EVT_0_TO_6_H', 0, 360],
    ['EVT_SELECTED_6_TO_24_H', 360.01, 1440],
    ['EVT_BASILAR_24_H', 0, 1440],
  ])('list %s as open from %s to %s minutes', (code, first, last) => {
    for (const minutes of [first, last]) expect(open({ sinceLastKnownWell: minutes })).toContain(code);
    expect(open({ sinceLastKnownWell: last + 0.01 })).not.toContain(code);
    if (first > 0) expect(open({ sinceLastKnownWell: first - 0.01 })).not.toContain(code);
  });

  it('depend on the middle of the sleep for a wake-up stroke, and on the NIHSS for the basilar artery', () => {
    // Asleep 10 h ago, awake 1 h ago: the middle of the sleep was 5.5 h ago.
    expect(open({ sinceLastKnownWell: 600, sinceRecognised: 60, wakeUp: true })).toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 1200, sinceRecognised: 60, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, wakeUp: true })).not.toContain('IVT_EXTENDED_WAKE_UP');
    expect(open({ sinceLastKnownWell: 600, nihss: 10 })).toContain('EVT_BASILAR_24_H');
    expect(open({ sinceLastKnownWell: 600, nihss: 9 })).not.toContain('EVT_BASILAR_24_H');
  });

  it.each([
    [1_020, 60, true],
    [1_021, 60, false],
    [540, null, false],
    [540, undefined, false],
    [null, 60, false],
  ])('open for a wake-up stroke, last well %s and awake since %s minutes: %s', (well, awake, isOpen) => {
    const onset = { sinceLastKnownWell: well, sinceRecognised: awake };
    expect(open({ ...onset, wakeUp: true }).includes('IVT_EXTENDED_WAKE_UP')).toBe(isOpen);
    for (const wakeUp of [false, null, undefined])
      expect(open({ ...onset, wakeUp })).not.toContain('IVT_EXTENDED_WAKE_UP');
  });

  it('open from the recognition for a wake-up stroke', () => {
    const onset = { sinceLastKnownWell: 600, sinceRecognised: 60 };
    expect(open({ ...onset, wakeUp: true })).toContain('IVT_EXTENDED_UNKNOWN_ONSET');
    expect(open({ ...onset, wakeUp: false })).not.toContain('IVT_EXTENDED_UNKNOWN_ONSET');
  });

  it('are refused for a time in the future, and are never a decision', () => {
    for (const minutes of [-0.01, Number.NaN])
      expect(() => timeWindows({ sinceLastKnownWell: minutes })).toThrow(RangeError);
    expect(timeWindows({ sinceLastKnownWell: 0 })).toMatchObject({ isDecision: false, emergencyAdvice: true });
  });

  it('have no NIHSS without a complete rating of that instrument', () => {
    expect(getNihssScore([])).toBeNull();
    expect(getNihssScore(computeScores({ mrs: { grade: 3 } }))).toBeNull();
  });

  it('do not treat a missing NIHSS as a low one', () => {
    for (const nihss of [undefined, null])
      expect(open({ sinceLastKnownWell: 600, nihss })).toContain('EVT_BASILAR_24_H');
    expect(open({ sinceLastKnownWell: null, nihss: 30 })).not.toContain('EVT_BASILAR_24_H');
  });

  it('open from the recognition where nobody saw the onset, whenever the person was last well', () => {
    const found = { sinceLastKnownWell: 600, sinceRecognised: 60 };
    expect(open({ ...found, onsetWitnessed: false })).toContain('IVT_EXTENDED_UNKNOWN_ONSET');
    expect(open({ ...found, onsetWitnessed: false, sinceRecognised: 271 })).not.toContain('IVT_EXTENDED_UNKNOWN_ONSET');
    for (const onsetWitnessed of [true, null, undefined])
      expect(open({ ...found, onsetWitnessed })).not.toContain('IVT_EXTENDED_UNKNOWN_ONSET');
  });

  it('carry the caveat of an anticoagulant on each window of thrombolysis, and on no other', () => {
    for (const hours of [1, 5, 8, 12, 20]) {
      const onset = { sinceLastKnownWell: hours * 60, sinceRecognised: 30, wakeUp: true };
      for (const { code, caveats } of timeWindows({ ...onset, anticoagulant: true }).open) {
        expect({ code, caveats: caveats.join() }).toEqual({
          code,
          caveats: code.startsWith('IVT_') ? expect.stringMatching(/anticoagulant.*may exclude/) : '',
        });
      }
      for (const anticoagulant of [false, null, undefined]) {
        for (const { caveats } of timeWindows({ ...onset, anticoagulant }).open) expect(caveats).toEqual([]);
      }
    }
  });

  it('are not ruled out by an NIHSS that is only a lower bound', () => {
    const rated = Object.fromEntries(NIHSS_ITEMS.map((name) => [name, 0]));
    const bounded = getNihssScore(computeScores({ nihss: { ...rated, item5a: 'UN', item9: 3 } }));
    expect(open({ sinceLastKnownWell: 600, nihss: bounded })).toContain('EVT_BASILAR_24_H');
    const known = getNihssScore(computeScores({ nihss: { ...rated, item9: 3 } }));
    expect(open({ sinceLastKnownWell: 600, nihss: known })).not.toContain('EVT_BASILAR_24_H');
  });

  it('give no dose', () => {
    for (const hours of [1, 5, 8, 12])
      expect(JSON.stringify(timeWindows({ sinceLastKnownWell: hours * 60 }))).not.toMatch(/mg|dose/i);
  });
});
