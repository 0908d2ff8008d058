import { describe, expect, it } from '@jest/globals';
import { WebhookAddresses } from './webhook-addresses.js';

const addresses = new WebhookAddresses({ allowedNetworks: [], requiresTls: false });
const PRIVATE = 'must not lead to a private address';

describe('the URL of an endpoint', () => {
  it.each([
    'https://ehr.example/hooks?clinic=7',
    'http://ehr.example:8080/',
    'https://93.184.216.34:443/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
    'http://ehr.example:80/',
  ])('may be %s', (url) => {
    expect(addresses.findUrlError(url)).toBeNull();
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.8.9.10',
      '0',
      '0.0.0.0',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '127.0.0.1.',
    ],
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '198.18.0.1'],
    ...['192.0.0.1', '192.0.2.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...[
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      '[::ffff:10.0.0.1]',
      '[0:0:0:0:0:ffff:a00:1]',
    ],
    ...[
      '[fe80::1]',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[ff02::1]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::1]',
      '[2002:7f00:1::]',
    ],
    ...['[2001::1]', '[2001:db8::1]', '[fec0::1]', '[100::1]', '[::ffff:0:7f00:1]'],
    ...['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', '１２７.0.0.1', '①②⑦.0.0.1'],
  ])('must not have the host %s (S-01)', (host) => {
    expect(addresses.findUrlError(`http://${host}/`)).toBe(PRIVATE);
    expect(addresses.findUrlError(`https://${host}:8443/hook`)).toBe(PRIVATE);
  });

  it.each([
    'file:///etc/passwd',
    'gopher://ehr.example/',
    'ftp://ehr.example/',
    'javascript:alert(1)',
    'data:,x',
    'ws://ehr.example/',
  ])('must not be %s (S-01)', (url) => {
    expect(addresses.findUrlError(url)).toBe('must be an http or https URL');
  });

  it.each([
    '',
    'ehr.example',
    '/hooks',
    '//ehr.example/',
    'http://',
    'http://[::1%25lo]/',
    'http://ehr.example:99999/',
  ])('must be absolute: %p is not', (url) => {
    expect(addresses.findUrlError(url)).toBe('must be an absolute URL');
  });

  it.each([
    'https://user@ehr.example/',
    'https://user:pass@ehr.example/',
    'https://:pass@ehr.example/',
    'https://ehr.example@10.0.0.1/',
  ])('must not name a user: %s (S-01)', (url) => {
    expect(addresses.findUrlError(url)).toBe('must not contain a user name or password');
  });

  it.each([1, 21, 22, 23, 25, 81, 389, 587, 1023, 2375, 3306, 5432, 6379, 6667, 9200, 11211, 27017])(
    'must not have the port %i (S-01)',
    (port) => {
      expect(addresses.findUrlError(`http://ehr.example:${port}/`)).toMatch(/^must have port 80, 443/);
    },
  );

  it('must be https if TLS is required', () => {
    const strict = new WebhookAddresses({ allowedNetworks: ['10.0.0.0/8'], requiresTls: true });
    expect(strict.findUrlError('http://ehr.example/')).toBe('must be an https URL');
    expect(strict.findUrlError('http://10.1.2.3/')).toBe('must be an https URL');
    expect(strict.findUrlError('https://10.1.2.3/')).toBeNull();
  });

  it('may lead to an allowed network, and to no other private one', () => {
    const local = new WebhookAddresses({ allowedNetworks: ['10.20.0.0/16', 'fd00:1::/32'], requiresTls: false });
    for (const host of ['10.20.3.4', '[::ffff:10.20.3.4]', '[fd00:1::7]'])
      expect(local.findUrlError(`http://${host}/`)).toBeNull();
    for (const host of ['10.21.0.1', '127.0.0.1', '[fd00:2::7]', '[::1]'])
      expect(local.findUrlError(`http://${host}/`)).toBe(PRIVATE);
  });
});
