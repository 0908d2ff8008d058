import { describe, expect, it } from '@jest/globals';
import { foldText, nameKey } from '../../../../core/kernel/folded-text.js';
import { Zone } from '../../../../core/kernel/zone.js';
import { LocalDay, LocalTime } from '../../../../core/spreadsheets/cell.js';
import { CellError, type ReadCell } from '../../../../core/spreadsheets/reading/table.js';
import { IMPORT_KINDS, type ValueType } from '../import-kinds.js';
import { guessMapping, missingFields, toHeaders } from '../mapping/column-mapping.js';
import { DayOrderFinder, parseDay, type DayOrder } from './days.js';
import { splitName } from './names.js';
import { DecimalMarkFinder, parseAmount, parseInteger } from './numbers.js';
import { readRow, type CellProblem, type FieldValue } from './row-reader.js';
import { parseTime, splitDateTime } from './times.js';
import { readVisitTimes } from './visit-times.js';
import { parseWord } from './words.js';

const guessFields = (kind: (typeof IMPORT_KINDS)[number], ...headers: string[]): (string | null)[] =>
  guessMapping(kind, headers).columns.map(({ field }) => field);

describe('columns', () => {
  it.each([
    ['English', ['First Name', 'Last name', 'E-Mail', 'Mobile Phone', 'DOB', 'Gender', 'MRN']],
    ['camel case', ['firstName', 'lastName', 'email', 'phone', 'dateOfBirth', 'sex', 'mrn']],
    ['Arabic', ['الإسم الأول', 'اسم العائلة', 'البريد الالكتروني', 'رقم الموبايل', 'تاريخ الميلاد', 'النوع', 'رقم الملف']],
    ['Hindi', ['पहला नाम', 'उपनाम', 'ईमेल', 'मोबाइल नंबर', 'जन्म तिथि', 'लिंग', 'रोगी संख्या']],
    ['German', ['Vorname', 'NACHNAME', 'E-Mail-Adresse', 'Telefon', 'Geburtsdatum', 'Geschlecht', 'Patientennummer']],
    [
      'Spanish',
      ['Nombre', 'Apellidos', 'Correo electronico', 'Teléfono', 'Fecha de nacimiento', 'Sexo', 'historia clínica'],
    ],
    ['French', ['Prénom', 'Nom', 'Courriel', 'Téléphone', 'Date de naissance', 'Sexe', 'Numéro de dossier']],
  ])('of patients are guessed in %s', (_, headers) => {
    expect(guessFields('clients', ...headers)).toEqual([
      'firstName',
      'lastName',
      'email',
      'phone',
      'dateOfBirth',
      'sex',
      'mrn',
    ]);
  });

  it('of all kinds are guessed by the names of their fields', () => {
    expect(guessFields('schedules', 'Doctor', 'Day', 'From', 'To')).toEqual(['doctor', 'weekday', 'start', 'end']);
    expect(guessFields('appointments', 'Patient name', 'Provider', 'Service', 'Date', 'Time', 'Status')).toEqual([
      ...['client', 'doctor', 'service', 'date', 'time', 'status'],
    ]);
    expect(guessFields('services', 'Service Name', 'Duration (min)', 'Price (EGP)')).toEqual([
      ...['name', 'durationMinutes', 'price'],
    ]);
  });

  it('are ambiguous if two could be the same field', () => {
    const { columns, ambiguous } = guessMapping('clients', ['Full name', 'Full  Name', 'Mobile', 'Phone', 'error']);
    expect(columns.map(({ field }) => field)).toEqual([null, null, null, 'phone', null]);
    expect(ambiguous).toEqual(['fullName']);
    expect(missingFields('clients', columns)).toEqual(['firstName or fullName', 'lastName or fullName']);
  });

  it('have different names', () => {
    expect(toHeaders(['Phone', 'Phone', null, 7])).toEqual(['Phone', 'Phone (2)', 'Column 3', '7']);
  });
});

describe('days', () => {
  it.each([
    ['2026-11-23', '2026-11-23'],
    ['2026/1/2', '2026-01-02'],
    ['1988-04-02 00:00:00', '1988-04-02'],
    ['19880402', '1988-04-02'],
    ['23.11.2026', '2026-11-23'],
    ['٢٣/١١/٢٠٢٦', '2026-11-23'],
    ['२३-११-२०२६', '2026-11-23'],
    ['2 April 1988', '1988-04-02'],
    ['April 2, 1988', '1988-04-02'],
    ['02-Apr-1988', '1988-04-02'],
    ['٢ أبريل ١٩٨٨', '1988-04-02'],
    ['2 अप्रैल 1988', '1988-04-02'],
    ['2. März 1988', '1988-03-02'],
    ['2 de abril de 1988', '1988-04-02'],
    ['2 avril 1988', '1988-04-02'],
  ])('%s is %s', (typed, day) => expect(parseDay(typed, 'UNKNOWN')).toEqual({ day }));

  it.each<[string, DayOrder, object]>([
    ['03/04/1988', 'DMY', { day: '1988-04-03' }],
    ['03/04/1988', 'MDY', { day: '1988-03-04' }],
    ['03/04/1988', 'UNKNOWN', { error: expect.stringContaining('mapping.dateFormat') }],
    ['03/04/1988', 'MIXED', { error: expect.stringContaining('both') }],
    ['13/04/1988', 'MDY', { error: 'must be a date, such as 2026-11-23' }],
    ['31/02/1988', 'DMY', { error: 'must be a date, such as 2026-11-23' }],
    ['3/4/88', 'DMY', { error: 'must have a year of four digits' }],
    ['tomorrow', 'DMY', { error: 'must be a date, such as 2026-11-23' }],
  ])('%s, if the order is %s', (typed, order, expected) => expect(parseDay(typed, order)).toEqual(expected));

  it.each([
    [['01/02/1988', '13/02/1988'], 'US', 'DMY'],
    [['01/02/1988', '02/13/1988'], 'EG', 'MDY'],
    [['13/02/1988', '02/13/1988'], 'EG', 'MIXED'],
    [['01/02/1988'], 'EG', 'DMY'],
    [['01/02/1988'], 'US', 'MDY'],
    [['01/02/1988'], 'CA', 'UNKNOWN'],
    [['01/02/1988'], null, 'UNKNOWN'],
  ])('in a column with %j at a clinic in %s have the order %s', (texts, country, order) => {
    const finder = new DayOrderFinder();
    for (const text of texts) finder.add(text);
    expect(finder.decide(country)).toBe(order);
  });
});

it.each([
  ['9:30', '09:30'],
  ['09.30 Uhr', '09:30'],
  ['9:30 PM', '21:30'],
  ['12:05 a.m.', '00:05'],
  ['9 pm', '21:00'],
  ['٩:٣٠ م', '21:30'],
  ['९:३० पूर्वाह्न', '09:30'],
  ['21h30', '21:30'],
  ['24:00', '24:00'],
  ['9', null],
  ['25:00', null],
  ['13:00 PM', null],
  ['soon', null],
])('the time %s is %s', (typed, time) => expect(parseTime(typed)).toBe(time));

it('a date and a time are split', () => {
  expect(splitDateTime('23/11/2026 9:30 AM')).toEqual({ day: '23/11/2026', time: '9:30 AM' });
  expect(splitDateTime('2026-11-23T09:30:00')).toEqual({ day: '2026-11-23', time: '09:30:00' });
  expect(splitDateTime('23 November 2026, 21:30')).toEqual({ day: '23 November 2026', time: '21:30' });
  expect(splitDateTime('23/11/2026')).toBeNull();
});

it.each([
  ['500', 'EGP', { amount: 50_000, currency: null }],
  ['1,234.50', 'USD', { amount: 123_450, currency: null }],
  ['1.234,50 €', null, { amount: 123_450, currency: 'EUR' }],
  ['1.234', 'EUR', { amount: 123_400, currency: null }],
  ['12,5', 'EUR', { amount: 1_250, currency: null }],
  ['٥٠٠٫٥٠', 'EGP', { amount: 50_050, currency: null }],
  ['1.234', 'KWD', { amount: 1_234, currency: null }],
  ['1,234', 'KWD', { error: expect.stringContaining('thousands') }],
  ['0.500', 'EGP', { amount: 50, currency: null }],
  ['1234.500', 'EGP', { amount: 123_450, currency: null }],
  ['0,125', 'EUR', { error: 'must have at most 2 decimals' }],
  ['100.000', 'USD', { error: expect.stringContaining('thousands') }],
  ['99.990', 'USD', { error: expect.stringContaining('thousands') }],
  ['1,250,000', 'KWD', { amount: 1_250_000_000, currency: null }],
  ['1.250.000', 'KWD', { amount: 1_250_000_000, currency: null }],
  ['12,50,000', 'INR', { amount: 125_000_000, currency: null }],
  ['1,250', 'JPY', { amount: 1_250, currency: null }],
  ['1.2.3', 'EUR', { error: 'must be an amount, such as 500.00' }],
  ['1,25,000.50', 'INR', { amount: 12_500_050, currency: null }],
  [`1${'.'.repeat(100_000)}a1`, 'EGP', { error: 'must be an amount, such as 500.00' }],
  ['EGP 500', null, { amount: 50_000, currency: 'EGP' }],
  ['500', 'JPY', { amount: 500, currency: null }],
  ['5.001,001', 'EUR', { error: 'must have at most 2 decimals' }],
  ['500', null, { error: expect.stringContaining('mapping.currency') }],
  ['free', 'EGP', { error: 'must be an amount, such as 500.00' }],
])('the amount %s in %s', (typed, currency, expected) => expect(parseAmount(typed, currency)).toEqual(expected));

it.each([
  [['100.000', '0.500'], '100.000', { amount: 10_000, currency: null }],
  [['100.000', '99,95'], '100.000', { amount: 10_000_000, currency: null }],
  [['1,500', '1,250,000'], '1,500', { amount: 150_000, currency: null }],
  [['1,500', '1,500.00'], '1,500', { amount: 150_000, currency: null }],
  [['1,500', '2,500', '300'], '1,500', { error: expect.stringContaining('thousands') }],
  [['1,500', '2,5', '2.5'], '1,500', { error: expect.stringContaining('thousands') }],
])('in a column with %j the amount %s is decided', (column, typed, expected) => {
  const finder = new DecimalMarkFinder();
  for (const text of column) finder.add(text);
  expect(parseAmount(typed, 'USD', finder.decide())).toEqual(expected);
});

it('a header of 100,000 characters is read without backtracking', () => {
  expect(guessMapping('clients', ['('.repeat(100_000)]).columns).toMatchObject([{ field: null }]);
});

it('words and numbers are read in the languages of headers', () => {
  expect(['f', 'أنثى', 'महिला', 'Weiblich', 'sth'].map((word) => parseWord('sex', word))).toEqual([
    ...['FEMALE', 'FEMALE', 'FEMALE', 'FEMALE', undefined],
  ]);
  expect(['Sun', 'الأحد', '7', '0', 'Sonntag'].map((word) => parseWord('weekday', word))).toEqual(Array(5).fill('7'));
  expect(['Canceled', 'NO_SHOW', 'تمت'].map((word) => parseWord('status', word))).toEqual([
    ...['CANCELLED', 'NO_SHOW', 'COMPLETED'],
  ]);
  expect(['30', '٣٠ دقيقة', '30 min', '30.0', '30.5'].map(parseInteger)).toEqual([30, 30, 30, 30, null]);
});

it('names are split and compared', () => {
  expect(splitName('Mona Ali Hassan')).toEqual({ title: null, firstName: 'Mona Ali', lastName: 'Hassan' });
  expect(splitName('Hassan, Mona')).toEqual({ title: null, firstName: 'Mona', lastName: 'Hassan' });
  expect(splitName('Dr. Laila Mansour')).toEqual({ title: 'Dr.', firstName: 'Laila', lastName: 'Mansour' });
  expect(splitName('د. ليلى منصور')).toEqual({ title: 'د.', firstName: 'ليلى', lastName: 'منصور' });
  expect(splitName('Mona')).toBeNull();
  expect(splitName('M Rajesh Kumar')).toEqual({ title: null, firstName: 'M Rajesh', lastName: 'Kumar' });
  expect(splitName('Sr Juan Perez')).toMatchObject({ title: null, firstName: 'Sr Juan' });
  expect(nameKey('José', 'Muñoz')).toBe(nameKey('JOSE', 'munoz'));
  expect(nameKey('Mohamed', 'Ahmed')).not.toBe(nameKey('Ahmed', 'Mohamed'));
  expect(foldText('أحمد  علي')).toBe(foldText('احمد علی'));
});

describe('the times of a visit', () => {
  const times = (values: Record<string, FieldValue>) => {
    const errors: CellProblem[] = [];
    const { start, end } = readVisitTimes(values, Zone.of('Africa/Cairo'), errors);
    return [start.toISOString(), end?.toISOString() ?? null, ...errors.map(({ field }) => field)];
  };
  const start = { instant: '2026-11-23T09:30:00-05:00' };

  it('end on the day and with the offset of the start', () => {
    expect(times({ start, end: { time: '10:15' } })).toEqual(['2026-11-23T14:30:00.000Z', '2026-11-23T15:15:00.000Z']);
    expect(times({ start, end: { time: '09:00' } })).toEqual([expect.any(String), expect.any(String), 'end']);
  });

  it('need a time of the end, if it is given', () => {
    expect(times({ start, end: { day: '2026-11-23' } })).toEqual(['2026-11-23T14:30:00.000Z', null, 'end']);
  });
});

it('remarks of visits are those of the staff, unless the header says that they are the patient’s', () => {
  expect(guessFields('appointments', 'Remarks', 'Patient notes')).toEqual(['staffNotes', 'notes']);
  for (const header of ['Notes', 'Comments', 'ملاحظات', 'Staff notes'])
    expect(guessFields('appointments', header)).toEqual(['staffNotes']);
  expect(guessFields('clients', 'Notes')).toEqual(['notes']);
});

describe('a row', () => {
  const read = (type: ValueType, cell: ReadCell) => {
    const { values, problems } = readRow(
      [cell],
      [{ index: 0, field: { name: 'f', type, headers: [] }, order: 'DMY', decimalMark: null }],
      'EGP',
    );
    return values.f ?? problems[0]?.error ?? null;
  };

  it.each<[ValueType, ReadCell, unknown]>([
    ['text', " '+201001234567 ", '+201001234567'],
    ['text', 1001234567, '1001234567'],
    ['text', '  ', null],
    ['day', new LocalDay('1988-04-02'), '1988-04-02'],
    ['day', new LocalTime(Date.UTC(1988, 3, 2, 10)), '1988-04-02'],
    ['day', 32235, 'is a number. Format the column as a date'],
    ['day', new CellError('#N/A'), 'has the error #N/A'],
    ['time', new LocalTime(Date.UTC(1988, 3, 2, 10)), '10:00'],
    ['dateTime', new LocalTime(Date.UTC(2026, 10, 23, 9, 30)), { day: '2026-11-23', time: '09:30' }],
    ['dateTime', '23/11/2026 9:30 PM', { day: '2026-11-23', time: '21:30' }],
    ['dateTime', '2026-11-23T09:30:00+02:00', { instant: '2026-11-23T09:30:00+02:00' }],
    ['dateTime', new LocalDay('2026-11-23'), { day: '2026-11-23' }],
    ['money', 12.5, { amount: 1_250, currency: null }],
    ['integer', 30, 30],
    ['integer', 30.5, 'must be a whole number'],
    ['weekday', 1, 1],
    ['sex', '?', 'must be one of FEMALE, MALE, OTHER, UNKNOWN'],
    ['list', 'ar; en, ar', ['ar', 'en']],
  ])('with a cell of the type %s: %s is read as %j', (type, cell, expected) =>
    expect(read(type, cell)).toEqual(expected),
  );
});
