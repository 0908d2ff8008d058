import { describe, expect, it } from '@jest/globals';
import { IsEmail, IsInt, IsNumber, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import type { DomainError } from '../kernel/domain-error.js';
import { validationPipe } from './validation.js';

class Body {
  @IsEmail()
  @MaxLength(254)
  email: string;

  @IsString()
  @Length(3, 5)
  name: string;

  @IsInt()
  @Min(0)
  @Max(120)
  age: number;

  @IsNumber()
  @Min(1)
  weight: number;
}

const wordsOf = async (body: object): Promise<Record<string, string>> => {
  const error = (await validationPipe()
    .transform(body, { type: 'body', metatype: Body })
    .catch((thrown: unknown) => thrown)) as DomainError;
  const faults = error.details as { field: string; error: string }[];
  return Object.fromEntries(faults.map(({ field, error: words }) => [field, words]));
};

describe('what is said of a field', () => {
  it('is what it should be, before how long or how large', async () => {
    const expected = {
      email: 'must be an email',
      name: 'must be a string',
      age: 'must be an integer number',
      weight: expect.stringMatching(/^must be a number/),
    };
    expect(await wordsOf({})).toEqual(expected);
    expect(await wordsOf({ email: null, name: 7, age: '65', weight: '80' })).toEqual(expected);
  });

  it('is of the body where that is a list: it has no fields', async () => {
    for (const body of [[], [{ email: 'a@b.example' }], ['x']]) {
      expect(await wordsOf(body)).toEqual({ body: 'must be an object' });
    }
  });

  it('is its bounds where it is what it should be', async () => {
    expect(await wordsOf({ email: 'a@b.example', name: 'ab', age: 121, weight: 0 })).toEqual({
      name: expect.stringContaining('3'),
      age: 'must not be greater than 120',
      weight: 'must not be less than 1',
    });
  });
});
