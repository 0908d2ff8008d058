/** The inline styles of buttons in HTML mails. */
export const PRIMARY_BUTTON = 'background:#0b5fa5;color:#ffffff';
export const SECONDARY_BUTTON = 'color:#0b5fa5';

/** The plain text of a mail and of the inbox. */
export const TEXT_LAYOUT = `{{greeting}}

{{lead}}
{{#if awaitsConfirmation}}
{{awaitsConfirmation}}
{{/if}}
{{#if note}}

{{note}}
{{/if}}
{{#each visits}}

{{#each rows}}
{{label}}: {{value}}
{{/each}}
{{#each buttons}}
{{label}}: {{url}}
{{/each}}
{{/each}}
{{#if rows.length}}

{{#each rows}}
{{label}}: {{value}}
{{/each}}
{{/if}}
{{#each buttons}}

{{label}}:
{{url}}
{{/each}}

{{footer}}
{{#if unsubscribeUrl}}
{{unsubscribe}}: {{unsubscribeUrl}}
{{/if}}
`;

/** Styles are inline, because mail programs ignore others. Nothing external is loaded, because that could track the recipient. */
export const HTML_LAYOUT = `<!DOCTYPE html>
<html lang="{{language}}" dir="{{direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{subject}}</title>
</head>
<body style="margin:0;padding:24px 12px;font-family:system-ui,'Segoe UI',Tahoma,'Noto Sans Arabic','Noto Sans Devanagari',sans-serif;font-size:16px;line-height:1.6">
<div role="article" dir="{{direction}}" style="max-width:560px;margin:0 auto">
<h1 style="font-size:20px;margin:0 0 16px">{{title}}</h1>
<p style="margin:0 0 12px">{{greeting}}</p>
<p style="margin:0 0 12px">{{lead}}{{#if awaitsConfirmation}} {{awaitsConfirmation}}{{/if}}</p>
{{#if note}}
<div dir="auto" style="margin:0 0 16px;padding:12px 16px;border:1px solid #8886;border-radius:6px;white-space:pre-line">{{note}}</div>
{{/if}}
{{#each visits}}
<p style="margin:0 0 16px;padding-inline-start:12px;border-inline-start:3px solid #8886">{{#each rows}}<b>{{label}}:</b> {{value}}<br>{{/each}}{{#each buttons}}<a href="{{url}}">{{label}}</a>{{#unless @last}} &middot; {{/unless}}{{/each}}</p>
{{/each}}
{{#if rows.length}}
<table cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 20px">
{{#each rows}}
<tr><th scope="row" style="padding:4px 0;padding-inline-end:16px;text-align:start;vertical-align:top;font-weight:600;white-space:nowrap">{{label}}</th><td style="padding:4px 0;vertical-align:top">{{value}}</td></tr>
{{/each}}
</table>
{{/if}}
{{#each buttons}}
<p style="margin:0 0 12px"><a href="{{url}}" style="display:inline-block;padding:10px 18px;border:1px solid #0b5fa5;border-radius:6px;text-decoration:none;{{style}}">{{label}}</a></p>
{{/each}}
<p style="margin:24px 0 0;font-size:13px;opacity:.75">{{footer}}{{#if unsubscribeUrl}}<br><a href="{{unsubscribeUrl}}" style="color:inherit">{{unsubscribe}}</a>{{/if}}</p>
</div>
</body>
</html>
`;
