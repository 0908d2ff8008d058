import Handlebars from 'handlebars';
import type { DevMailView } from './dev-mailbox.dto.js';

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:24px auto;max-width:1000px;padding:0 16px}
table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:6px 10px;border-bottom:1px solid #8884}
pre{white-space:pre-wrap;background:#8881;padding:12px;border-radius:6px}iframe{width:100%;height:640px;border:1px solid #8884;background:#fff}`;

const page = (body: string): ((values: object) => string) =>
  Handlebars.compile<object>(
    `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>CareSlot mailbox</title><style>${STYLE}</style></head><body>${body}</body></html>`,
    { strict: true, knownHelpersOnly: true },
  );

const LIST = page(`<h1>Mailbox</h1>
<p>The messages that CareSlot would have sent, newest first. As JSON: <a href="/dev/mail.json">/dev/mail.json</a></p>
<table><tr><th>Time</th><th>Channel</th><th>To</th><th>Subject</th></tr>
{{#each messages}}<tr><td>{{time}}</td><td>{{channel}}</td><td>{{to}}</td><td><a href="/dev/mail/{{id}}"><bdi>{{subject}}</bdi></a></td></tr>{{/each}}
</table>{{#unless messages.length}}<p>Nothing yet.</p>{{/unless}}`);

// The message is shown in a sandbox without scripts. Its links open in a new tab.
const MESSAGE = page(`<p><a href="/dev/mail">Mailbox</a></p><h1 dir="auto">{{subject}}</h1>
<p>{{channel}} to {{to}}, {{time}}{{#if calendar}}, <a href="/dev/mail/{{id}}/invite.ics">invite.ics</a> ({{calendarMethod}}){{/if}}</p>
{{#if html}}<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="The message" srcdoc="{{frame}}"></iframe>{{/if}}
<h2>Plain text</h2><pre dir="auto">{{text}}</pre>
{{#if json}}<h2>Data</h2><pre>{{json}}</pre>{{/if}}
{{#if unsubscribeUrl}}<p>List-Unsubscribe: {{unsubscribeUrl}}</p>{{/if}}`);

const toPageValues = (message: DevMailView) => ({
  ...message,
  time: message.sentAt.toISOString(),
  frame: `<base target="_blank">${message.html ?? ''}`,
  json: message.data && JSON.stringify(message.data, null, 2),
});

export const listPage = (messages: DevMailView[]): string => LIST({ messages: messages.map(toPageValues) });
export const messagePage = (message: DevMailView): string => MESSAGE(toPageValues(message));
