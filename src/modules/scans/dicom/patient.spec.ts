import { describe, expect, it } from '@jest/globals';
import type { DicomDataset } from './elements.js';
import { parseBirthDate, comparePatient, type PatientMismatch } from './patient.js';

const file = (tags: Record<string, Buffer | string>): DicomDataset =>
  Object.fromEntries(
    Object.entries(tags).map(([tag, value]) => [tag, { vr: 'LO', bytes: Buffer.from(value), items: null }]),
  );
const MONA = { firstName: 'Mona', lastName: 'Hassan', dateOfBirth: '1988-04-02', mrns: ['MRN-0042'] };

describe('the patient of a file', () => {
  it.each<[string, Record<string, string>, PatientMismatch]>([
    ['nothing', {}, 'NOT_CHECKED'],
    ['an empty name', { '00100010': '^^^^' }, 'NOT_CHECKED'],
    ['another script', { '00100010': 'حسن^منى' }, 'NOT_CHECKED'],
    ['the name in the second group', { '00100010': '=HASSAN^MONA' }, 'NONE'],
    ['the name in the third group', { '00100010': '王^小=王^小=Hassan^Mona' }, 'NONE'],
    ['a name of which only the prefix agrees', { '00100010': 'SMITH^JANE^^MONA' }, 'MISMATCH'],
    ['another name', { '00100010': 'SMITH^JANE' }, 'MISMATCH'],
    ['the same id', { '00100020': 'mrn 0042 ' }, 'NONE'],
    ['an id of zeros', { '00100020': '0000' }, 'NOT_CHECKED'],
    ['another id', { '00100020': 'MRN-0043' }, 'MISMATCH'],
    ['the name, and another birth date', { '00100010': 'HASSAN^MONA', '00100030': '19880403' }, 'MISMATCH'],
    ['the name, and no birth date', { '00100010': 'HASSAN^MONA', '00100030': '00000000' }, 'NONE'],
    ['a name in a file whose identity was removed', { '00100010': 'CASE^SEVEN', '00120062': 'YES' }, 'NOT_CHECKED'],
  ])('compared by %s: %s', (_, tags, match) => {
    expect(comparePatient(file(tags), MONA)).toBe(match);
  });

  it.each([
    ['19880402', '1988-04-02'],
    ['1988.04.02', '1988-04-02'],
    ['1988-04-02', '1988-04-02'],
    ['1988/04/02', '1988-04-02'],
    ['٢٠٠١٠٢٠٣', '2001-02-03'],
    ['20000229', '2000-02-29'],
    ['00000000', null],
    ['19880230', null],
    ['19010229', null],
    ['19881301', null],
    ['19000101', null],
    ['99991231', null],
    ['1988', null],
    ['198804', null],
    ['02041988', null],
    ['19880402-19880403', null],
    ['', null],
  ])('birth date %s is read as %s', (text, date) => {
    expect(parseBirthDate(text)).toBe(date);
  });
});
