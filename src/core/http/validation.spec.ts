import { describe, expect, it } from '@jest/globals';
import { IsEmail, IsInt, IsNumber, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import type { DomainError, FieldError } from '../kernel/domain-error.js';
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

const getErrors = async (body: object): Promise<Record<string, string>> => {
  const error = (await validationPipe()
    .transform(body, { type: 'body', metatype: Body })
    .catch((thrown: unknown) => thrown)) as DomainError;
  const errors = error.details as FieldError[];
  return Object.fromEntries(errors.map(({ field, error: message }) => [field, message]));
};

describe('the error of a field', () => {
  it('is about its type, if the type is wrong, and not about its size', async () => {
    const expected = {
      email: 'must be an email',
      name: 'must be a string',
      age: 'must be an integer number',
      weight: expect.stringMatching(/^must be a number/),
    };
    expect(await getErrors({})).toEqual(expected);
    expect(await getErrors({ email: null, name: 7, age: '65', weight: '80' })).toEqual(expected);
  });

  it('is an error of the body, if the body is a list', async () => {
    for (const body of [[], [{ email: 'a@b.example' }], ['x']]) {
      expect(await getErrors(body)).toEqual({ body: 'must be an object' });
    }
  });

  it('is about its size, if the type is right', async () => {
    expect(await getErrors({ email: 'a@b.example', name: 'ab', age: 121, weight: 0 })).toEqual({
      name: expect.stringContaining('3'),
      age: 'must not be greater than 120',
      weight: 'must not be less than 1',
    });
  });
});
