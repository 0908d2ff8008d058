import { expect, it } from '@jest/globals';
import { renderLinkPage } from './link-pages.js';

it('the page after a wrong birth date has the button of its form: to send a link, or to accept the invitation', () => {
  const render = (fields: ('email' | 'password' | 'dateOfBirth')[]): string =>
    renderLinkPage('WRONG_BIRTH_DATE', { locale: 'en', fields });
  expect(render(['email', 'dateOfBirth'])).toContain('<button>Send the link</button>');
  expect(render(['password', 'dateOfBirth'])).toContain('<button>Accept the invitation</button>');
});
