import { describe, expect, it } from '@jest/globals';
import { dependsOnVisits, findPrice, type PriceRule } from './service-price.js';

const DOCTOR_FIRST: PriceRule = ['a', 'FIRST', 1];
const DOCTOR_ANY: PriceRule = ['a', 'ANY', 2];
const FIRST: PriceRule = [null, 'FIRST', 3];
const ANY: PriceRule = [null, 'ANY', 4];
const OTHERS: PriceRule[] = [
  ['b', 'FIRST', 5],
  ['a', 'FOLLOW_UP', 6],
  [null, 'FOLLOW_UP', 7],
];

describe('the price of a visit', () => {
  it.each<[string, PriceRule[], number]>([
    ['the one of the doctor for this kind of visit', [ANY, FIRST, DOCTOR_ANY, DOCTOR_FIRST], 1],
    ['the one of the doctor for any visit', [ANY, FIRST, DOCTOR_ANY], 2],
    ['the one of all doctors for this kind of visit', [ANY, FIRST], 3],
    ['the one of all doctors for any visit', [ANY], 4],
    ['that of the service', [], 9],
  ])('is %s', (_, rules, price) => {
    expect(findPrice([...OTHERS, ...rules], 'a', 'FIRST', 9)).toBe(price);
  });

  it('may be zero', () => {
    expect(findPrice([['a', 'ANY', 0], ANY], 'a', 'FOLLOW_UP', 9)).toBe(0);
  });

  it('depends on earlier visits if a rule is for a kind of visit', () => {
    expect(dependsOnVisits([])).toBe(false);
    expect(dependsOnVisits([ANY, DOCTOR_ANY])).toBe(false);
    expect(dependsOnVisits([ANY, FIRST])).toBe(true);
  });
});
