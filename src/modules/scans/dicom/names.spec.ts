import { describe, expect, it } from '@jest/globals';
import { namesAgree } from './names.js';

describe('names', () => {
  it.each([
    ['MUELLER HANS', 'Müller'],
    ['Muller', 'Müller'],
    ['STRASSER', 'Straßer'],
    ['JAEGER', 'Jäger'],
    ['KJAER SOEREN', 'Kjær Sören'],
    ['SORENSEN', 'Sørensen'],
    ['AANGSTROEM', 'Ångström'],
    ['OEZTUERK', 'Öztürk'],
    ['SAHIN', 'Şahin'],
    ['ISIK', 'Işık'],
    ['Mohammed', 'MUHAMMAD'],
    ['Hussein', 'Hussain'],
    ['Yousef', 'Youssif'],
    ['GAMAL', 'Jamal'],
    ['ELSAYED', 'Al-Sayyid'],
    ['Abdelrahman', 'Abd el-Rahman'],
    ['OMAR', 'Umar'],
    ["O'BRIEN", 'OBrien'],
    ['Hassan Mona', 'Mona Hassan'],
    ['السيد محمد', 'محمّد سيد'],
    ['عبدالرحمن', 'عبد الرحمن'],
    ['فاطمة', 'فاطمه'],
    ['على کریم', 'علي'],
    ['ИВАНОВ', 'иванов'],
    ['СЕМЁНОВ', 'Семенов'],
    ['山田 太郎', '山田太郎'],
    ['ヤマダ タロウ', 'やまだ'],
    ['김철수', '김 철수'],
    ['शर्मा राम', 'राम शर्मा'],
    ['ΠΑΠΑΔΟΠΟΥΛΟΣ', 'Παπαδόπουλος'],
  ])('%s is %s', (one, other) => {
    expect([namesAgree(one, other), namesAgree(other, one)]).toEqual([true, true]);
  });

  it.each([
    ['HASSAN MONA', 'Ali Sara'],
    ['Hassan', 'Hussein'],
    ['AL HASSAN', 'AL SAUD'],
    ['Abd el Rahman', 'Abd el Aziz'],
    ['MR SMITH JOHN', 'Mr Brown Peter'],
    ['خالد حسن', 'محمد السيد'],
    ['ИВАНОВ', 'Петров'],
    ['佐藤 花子', '山田太郎'],
    ['राम', 'रमा'],
  ])('%s is not %s', (one, other) => {
    expect([namesAgree(one, other), namesAgree(other, one)]).toEqual([false, false]);
  });

  it.each([
    ['ELSAYED MOHAMED', 'محمد السيد'],
    ['YAMADA TARO', '山田太郎'],
    ['IVANOV', 'Иванов'],
    ['', 'Mona Hassan'],
    ['^^', 'Mona Hassan'],
    ['ANONYMOUS', 'Mona Hassan'],
    ['ANONYMIZED 0012', 'Mona Hassan'],
    ['???? \uFFFD\uFFFD', 'Mona Hassan'],
    ['12345', 'Mona Hassan'],
  ])('%s can not be compared with %s', (one, other) => {
    expect([namesAgree(one, other), namesAgree(other, one)]).toEqual([null, null]);
  });
});
