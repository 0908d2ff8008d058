import type { ExecutionContext } from '@nestjs/common';
import { expect, test } from '@jest/globals';
import { LoopbackGuard } from './loopback.guard.js';

const admits = (remoteAddress: string, headers: Record<string, string>): boolean => {
  const request = { socket: { remoteAddress }, headers };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  try {
    return new LoopbackGuard().canActivate(context);
  } catch (error) {
    expect(error).toMatchObject({ code: 'NOT_FOUND' });
    return false;
  }
};

test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('admits %s', (address) => {
  expect(admits(address, { host: 'localhost:3000' })).toBe(true);
  expect(admits(address, { host: '[::1]:3000' })).toBe(true);
  expect(admits(address, { host: '127.0.0.1' })).toBe(true);
});

test.each(['10.0.0.4', '192.168.1.20', '::ffff:10.0.0.4', '2001:db8::1', '1.127.0.0', ''])(
  'does not admit %s, also with a local Host header',
  (address) => expect(admits(address, { host: 'localhost:3000' })).toBe(false),
);

test('does not admit forwarded requests or requests with another Host header', () => {
  expect(admits('127.0.0.1', { host: 'localhost', 'x-forwarded-for': '203.0.113.9' })).toBe(false);
  expect(admits('127.0.0.1', { host: 'localhost', forwarded: 'for=203.0.113.9' })).toBe(false);
  expect(admits('127.0.0.1', { host: 'evil.example' })).toBe(false);
  expect(admits('127.0.0.1', { host: 'localhost.evil.example:3000' })).toBe(false);
  expect(admits('127.0.0.1', {})).toBe(false);
});
