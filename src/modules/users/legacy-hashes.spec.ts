import { describe, expect, it } from '@jest/globals';
import { isLegacyHash, matchesLegacyHash } from './legacy-hashes.js';

const PASSWORD = 'Nile-river-2024!';
/** Made by python3-bcrypt 5.0.0 and werkzeug 3.1.9 (`generate_password_hash`). */
const HASHES: Record<string, string> = {
  'bcrypt 2a': '$2a$10$tVgwYGv4NWyjMNyoaP6xi.85iZndJOK0Bqm6uBI0OMvOS9kM9EHKi',
  'bcrypt 2b': '$2b$10$MbIvHJAVnGmFEgaKPgDxv.6kuNO7CnptFLFKKX4NVoXzTaRvPlGPu',
  'bcrypt 2y': '$2y$10$vKDSKBYDpl71xXoFn1qdTe1R3KT2KxDZNlzZWwGZLpAYonq0yaf2W',
  'werkzeug scrypt':
    'scrypt:32768:8:1$kRJqeWraEZxRJJ8q$99d391126543745fa6d76d8d7972a3843b45dd5175adea925e7266bd652aa9f4b026c5f5349b1495f4b04819766b1d35b6a8a70cc66da1557d4cf75159115f87',
  'werkzeug pbkdf2 with sha256':
    'pbkdf2:sha256:260000$zPvhlfttKWISJTwi$18290be5a35d1a86b8faeca94937f84cb1a0abd4d7700e717fdee38449072aab',
  'werkzeug pbkdf2, the default of version 3.1':
    'pbkdf2:sha256:1000000$USevLvTGCvj0bvcB$96443ba44389047a8b8c4a9e315ee97d9954cc75b78ab60a3195250b67aa1415',
  'werkzeug pbkdf2 with sha1': 'pbkdf2:sha1:1000$vofMQHwylH4V5c3G$de63b32442120ec51e8ced587bfb159a4da8e1ad',
};
const ARABIC =
  'scrypt:32768:8:1$GGUKHJwN69UmuWSo$6f7dc6a77cb39bb37171eded1f78a8b5b1caefd6065306a4c1fdcb4f3efb0b1b9affefebceb362d8688cb520e0545df29574e015c6197388e77866a6bf41dfcd';

describe('a password hash of another system', () => {
  it.each(Object.entries(HASHES))('%s is matched by its password only', async (_, hash) => {
    expect(isLegacyHash(hash)).toBe(true);
    expect(await matchesLegacyHash(hash, PASSWORD)).toBe(true);
    expect(await matchesLegacyHash(hash, `${PASSWORD} `)).toBe(false);
  });

  it('is matched by a password in Arabic', async () => {
    expect(await matchesLegacyHash(ARABIC, 'كلمة-سر-قوية-٢٠٢٤')).toBe(true);
  });

  it.each([
    ['bcrypt with a cost of 31', `$2b$31${HASHES['bcrypt 2b']?.slice(6)}`],
    ['a billion iterations', `pbkdf2:sha256:999999999$salt$${'ab'.repeat(32)}`],
    ['one iteration', `pbkdf2:sha256:1$salt$${'ab'.repeat(32)}`],
    ['a key that is too short', 'pbkdf2:sha256:260000$salt$abcd'],
    ['scrypt with 8 GiB', `scrypt:8388608:8:1$salt$${'ab'.repeat(64)}`],
    ['scrypt with a cost that is no power of two', `scrypt:30000:8:1$salt$${'ab'.repeat(64)}`],
    ['scrypt with 100 lanes', `scrypt:32768:8:100$salt$${'ab'.repeat(64)}`],
    ['md5', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'],
    ['a plain password', 'careslot-demo-1'],
    ['an empty text', ''],
  ])('is refused: %s', async (_, hash) => {
    expect(isLegacyHash(hash)).toBe(false);
    expect(await matchesLegacyHash(hash, 'careslot-demo-1')).toBe(false);
  });
});
