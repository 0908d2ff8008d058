import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaqsService } from '../../src/modules/faqs/index.js';
import { TestApp } from '../support/app.js';

let app: TestApp;
let admin: string;

beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.login('admin@careslot.test');
});

afterAll(() => app.close());

const list = async (query: string): Promise<any[]> => (await app.call<any[]>('GET', `/api/v1/faqs?${query}`)).data;
const create = (body: object) => app.call('POST', '/api/v1/faqs', { token: admin, body });

describe('FAQs', () => {
  it('are listed in order, in pages, for everyone', async () => {
    const first = await app.call<any[]>('GET', '/api/v1/faqs?locale=en&limit=3&withTotal=true');
    expect(first.data.map(({ topic }) => topic)).toEqual(['emergencies', 'how-to-book', 'how-to-cancel']);
    const rest = await app.call<any[]>('GET', `/api/v1/faqs?locale=en&cursor=${first.body.meta.nextCursor}`);
    expect(first.data.length + rest.data.length).toBe(first.body.meta.total);
    expect(new Set([...first.data, ...rest.data].map(({ id }) => id)).size).toBe(first.body.meta.total);
  });

  it('are returned in the best available language: ar-EG, ar, en', async () => {
    await create({ topic: 'parking', locale: 'en', question: 'Where can I park?', answer: 'Behind the house.' });
    await create({ topic: 'parking-cairo', locale: 'ar', question: 'أين أركن؟', answer: 'خلف المبنى.' });
    await create({ topic: 'parking-cairo', locale: 'ar-eg', question: 'اركن فين؟', answer: 'ورا المبنى.' });
    const faqs = await list('locale=ar_EG&limit=100');
    const of = (topic: string): string[] => faqs.filter((faq) => faq.topic === topic).map(({ locale }) => locale);
    expect({ book: of('how-to-book'), parking: of('parking'), cairo: of('parking-cairo') }).toEqual({
      book: ['ar'],
      parking: ['en'],
      cairo: ['ar-EG'],
    });
  });

  it('are found by words, with any Arabic spelling, best match first', async () => {
    expect((await list('locale=en&q=cancel'))[0].topic).toBe('how-to-cancel');
    expect((await list(`locale=ar&q=${encodeURIComponent('موعدًا')}`)).map(({ topic }) => topic)).toContain(
      'how-to-book',
    );
    expect((await list(`locale=ar&q=${encodeURIComponent('احجز')}`))[0].topic).toBe('how-to-book');
    expect((await list(`locale=hi&q=${encodeURIComponent('रद्द')}`))[0].topic).toBe('how-to-cancel');
    const page = await app.call<any[]>('GET', '/api/v1/faqs?q=appointment&limit=1');
    const next = await app.call<any[]>('GET', `/api/v1/faqs?q=appointment&limit=1&cursor=${page.body.meta.nextCursor}`);
    expect(next.data[0].id).not.toBe(page.data[0].id);
    expect(Object.keys(next.data[0])).not.toContain('rank');
    for (const q of ['%', "'", '\\', ':*', '& | !', '"a']) {
      expect((await app.call('GET', `/api/v1/faqs?q=${encodeURIComponent(q)}`)).status).toBe(200);
    }
  });

  it.each([
    ['en', 'hello, can you tell me how I can cancel the appointment of tomorrow?', 'how-to-cancel'],
    ['en', 'which papers do I have to bring with me to the visit', 'what-to-bring'],
    ['en', 'booking an appointment', 'how-to-book'],
    ['ar-EG', 'عايز احجز موعد', 'how-to-book'],
    ['ar', 'كيف يمكنني إلغاء الموعد', 'how-to-cancel'],
    ['hi', 'अपॉइंटमेंट बुक करना है', 'how-to-book'],
    ['hi', 'रिमाइंडर कब आएगा', 'reminders'],
    ['en', 'tell me a story about dragons', undefined],
    ['en', '???', undefined],
  ])('answer a sentence in %s: %s', async (locale, text, topic) => {
    expect((await app.app.get(FaqsService).findAnswer(locale, text))?.topic).toBe(topic);
  });

  it('answer a sentence by the best of their questions, also after an FAQ was changed or deleted', async () => {
    const match = (locale: string, text: string) => app.app.get(FaqsService).findAnswer(locale, text);
    expect(await match('en', 'is there a balcony')).toBeNull();
    const made = await create({ topic: 'balconies', locale: 'en', question: 'Is there a balcony?', answer: 'Yes.' });
    await create({ topic: 'balconies', locale: 'ar', question: 'هل توجد شرفة؟', answer: 'نعم.' });
    expect((await match('en', 'do you have balconies'))?.topic).toBe('balconies');
    expect((await match('ar', 'فيه شرفة'))?.answer).toBe('نعم.');
    const path = `/api/v1/faqs/${made.data.id}`;
    await app.call('PUT', path, { token: admin, body: { answer: 'Two.' }, headers: { 'if-match': '"1"' } });
    expect((await match('en', 'is there a balcony'))?.answer).toBe('Two.');
    expect((await app.call('DELETE', path, { token: admin })).status).toBe(200);
    expect(await match('en', 'is there a balcony')).toBeNull();
  });

  it.each(["my husband's hand just doesn't work now", 'video of my knee operation', 'balcony apples oranges grapes'])(
    'do not answer a sentence that they are not about: %s',
    async (text) => {
      expect(await app.app.get(FaqsService).findAnswer('en', text)).toBeNull();
    },
  );

  it('are changed by version, are unique by topic and language, and can be deleted', async () => {
    const made = await create({ topic: 'lifts', locale: 'en', question: 'Is there a lift?', answer: 'Yes.' });
    expect(made).toMatchObject({ status: 201, data: { version: 1, position: 0, category: null } });
    expect(await create({ topic: 'lifts', locale: 'en', question: 'Lift?', answer: 'Yes' })).toMatchObject({
      status: 409,
      code: 'ALREADY_EXISTS',
    });
    const path = `/api/v1/faqs/${made.data.id}`;
    const put = (body: object, version: number) =>
      app.call('PUT', path, { token: admin, body, headers: { 'if-match': `"${version}"` } });
    expect(await put({ answer: 'Two.' }, 1)).toMatchObject({ status: 200, data: { answer: 'Two.', version: 2 } });
    expect(await put({ answer: 'Three.' }, 1)).toMatchObject({ status: 412, code: 'VERSION_MISMATCH' });
    expect(await put({ topic: 'how-to-book' }, 2)).toMatchObject({ status: 409, code: 'ALREADY_EXISTS' });
    expect((await put({ locale: 'english' }, 2)).code).toBe('VALIDATION_ERROR');
    expect((await put({ answer: null as never }, 2)).code).toBe('VALIDATION_ERROR');
    expect((await app.call('DELETE', path, { token: admin })).status).toBe(200);
    expect((await app.call('GET', path)).status).toBe(404);
    const { rows } = await app.db.query(`SELECT action FROM audit_log WHERE object_id = $1 ORDER BY id`, [
      made.data.id,
    ]);
    expect(rows.map(({ action }) => action)).toEqual(['faq.created', 'faq.updated', 'faq.deleted']);
  });

  it('keep the exact time of their creation when they change', async () => {
    const { data } = await create({ topic: 'stairs', locale: 'en', question: 'Are there stairs?', answer: 'Yes.' });
    const createdAt = async (): Promise<string> =>
      (await app.db.query(`SELECT created_at::text AS at FROM faq WHERE id = $1`, [data.id])).rows[0].at;
    const before = await createdAt();
    const changed = await app.call('PUT', `/api/v1/faqs/${data.id}`, { token: admin, body: { answer: 'No.' } });
    expect(changed.data.createdAt).toBe(data.createdAt);
    expect(await createdAt()).toBe(before);
  });
});
