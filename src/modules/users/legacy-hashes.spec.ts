import { describe, expect, it } from '@jest/globals';
import { isLegacyHash, matchesLegacyHash } from './legacy-hashes.js';

const PASSWORD = 'Nile-river-2024!';
/**
 * Made by Debian 12's python3-bcrypt 3.2.2 and python3-werkzeug 2.2.2 (`generate_password_hash`), which has no scrypt: that one is made by
 * Python's `hashlib.scrypt` in werkzeug's format. The others are of bcrypt 5.0.0 and werkzeug 3.1.9 of PyPI.
 */
const HASHES: Record<string, string> = {
  'bcrypt 2a of Debian': '$2a$10$B.okspSuagx51Un5ld2TU.yaQ2XBGQMzvDhQCNAR7zlv5Pxhr3kkK',
  'bcrypt 2b of Debian': '$2b$10$NTLOSeqwp0eDROLc/4GMBu4sDwzyLxjLwkqNA0pBMUbtZ/4ECWMEO',
  'werkzeug pbkdf2 of Debian':
    'pbkdf2:sha256:260000$yts0J4hxVeSVBbLe$21a857743f6f59327f496a19dfa8ecf4ad52c1a1c08fe438f0abf19cfac74af7',
  'werkzeug pbkdf2 with sha1 of Debian': 'pbkdf2:sha1:1000$U1DnLQT1dLbtloIb$7c6a64ded0b42f3c051c26d99ce9dc32725f8bbc',
  'scrypt of hashlib':
    'scrypt:32768:8:1$3_7EkGpat1HA1ryG$fef7167d5ee57e0bd8e84ecb610b2bd393e123d17e05352841d357bf73e189a0e2216681e5b8a35825dd9628f5115c2bbe9d2bb92713a7a87022d9595a9069a2',
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
    ['scrypt with as many lanes as take four seconds', `scrypt:1024:999:4$salt$${'ab'.repeat(64)}`],
    ['scrypt with a cost that the block size does not allow', `scrypt:65536:1:1$salt$${'ab'.repeat(64)}`],
    ['md5', 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'],
    ['a plain password', 'careslot-demo-1'],
    ['an empty text', ''],
  ])('is refused: %s', async (_, hash) => {
    expect(isLegacyHash(hash)).toBe(false);
    expect(await matchesLegacyHash(hash, 'careslot-demo-1')).toBe(false);
  });
});
