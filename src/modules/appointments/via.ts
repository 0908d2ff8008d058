/** How a person who did not sign in asked for a change. LINK: with the link in a message. */
export type Via = 'LINK';
