/** What strangers may write in the hope that it becomes markup, style or script: each kind that the published lists have. */

import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { messageLine } from '../archive/catalogue-message.ts';
import { STARTED } from './sample-queue-lines.ts';

const MARK = 'window.injected=1';

export const INJECTIONS: readonly string[] = [
  `<script>${MARK}</script>`,
  `</script><script>${MARK}</script>`,
  `<ScRiPt >${MARK}</sCrIpT >`,
  `<<script>${MARK};//<</script>`,
  `<script/src=data:text/javascript,${MARK}></script>`,
  `<img src=x onerror=${MARK}>`,
  `<img src="x" onerror="${MARK}"`,
  `"><img src=x onerror=${MARK}>`,
  `'><svg onload=${MARK}>`,
  `\`><svg/onload=${MARK}>`,
  `<svg><script>${MARK}</script></svg>`,
  `<svg><animate onbegin=${MARK} attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${MARK}"><text>x</text></a></svg>`,
  `<svg><style><img src=x onerror=${MARK}></style></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>parent.injected=1</script>"></foreignObject></svg>`,
  `<math><mi//xlink:href="data:x,<script>${MARK}</script>">`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${MARK}&gt;">`,
  `<iframe src="javascript:parent.injected=1"></iframe>`,
  `<iframe srcdoc="&lt;script&gt;parent.injected=1&lt;/script&gt;"></iframe>`,
  `<object data="javascript:${MARK}"></object>`,
  `<embed src="javascript:${MARK}">`,
  `<a href="javascript:${MARK}">x</a>`,
  `<a href="&#106;avascript:${MARK}">x</a>`,
  `<form action="javascript:${MARK}"><button>x</button></form>`,
  `<input autofocus onfocus=${MARK}>`,
  `<details open ontoggle=${MARK}>`,
  `<body onload=${MARK}>`,
  `<video><source onerror=${MARK}></video>`,
  `<marquee onstart=${MARK}>`,
  `<base href="https://evil.example/">`,
  `<link rel=stylesheet href="https://evil.example/x.css">`,
  `<meta http-equiv=refresh content="0;url=https://evil.example/">`,
  `<style>*{background:url(https://evil.example/x)}</style>`,
  `</style><style>body{display:none}</style>`,
  `<div style="background:url(https://evil.example/x)">`,
  `<x style="behavior:url(#default#time2)" onbegin=${MARK}>`,
  `" onmouseover="${MARK}" x="`,
  `' onfocus='${MARK}' autofocus tabindex=1 x='`,
  `" style="position:fixed;inset:0;background:red`,
  `x" autofocus onfocus=${MARK}//`,
  `</title><script>${MARK}</script>`,
  `</textarea><script>${MARK}</script>`,
  `</bdi></td></table><script>${MARK}</script>`,
  `</code></details><img src=x onerror=${MARK}>`,
  `<!--<img src="--><img src=x onerror=${MARK}//">`,
  `]]><script>${MARK}</script>`,
  `<![CDATA[<script>${MARK}</script>]]>`,
  `<?xml-stylesheet href="javascript:${MARK}"?>`,
  `&lt;script&gt;${MARK}&lt;/script&gt;`,
  `&#60;script&#62;${MARK}&#60;/script&#62;`,
  `%3Cscript%3E${MARK}%3C/script%3E`,
  `\\x3cscript\\x3e${MARK}\\x3c/script\\x3e`,
  `\u003cscript\u003e${MARK}\u003c/script\u003e`,
  `<scr\0ipt>${MARK}</scr\0ipt>`,
  `<img/src=x\tonerror=${MARK}>`,
  `<img\nsrc=x\ronerror=${MARK}>`,
  `\uFF1Cscript\uFF1E${MARK}\uFF1C/script\uFF1E`,
  `\u202E<script>${MARK}</script>`,
  `{{constructor.constructor('${MARK}')()}}`,
  `\${${MARK}}`,
  `javascript:${MARK}`,
  `';${MARK};//`,
  `";${MARK};//`,
  `*/${MARK}/*`,
  `<noscript><p title="</noscript><img src=x onerror=${MARK}>">`,
  `<template><script>${MARK}</script></template>`,
  `<select><template shadowrootmode=open><script>${MARK}</script>`,
  `<input type=hidden oncontentvisibilityautostatechange=${MARK} style=content-visibility:auto>`,
  `<button popovertarget=x>x</button><p popover id=x onbeforetoggle=${MARK}>`,
  `jaVasCript:/*-/*\`/*\\\`/*'/*"/**/(/* */oNcliCk=${MARK} )//%0D%0A%0d%0a//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=${MARK}//>\\x3e`,
];

/** Mail that has it wherever strangers can put it. */
export function injectedLines(injection: string, which = 0): MessageLine[] {
  const places: readonly Partial<MessageLine>[] = [
    { sender: injection },
    { sender: `x@${injection}`, queue_name: 'hold' },
    { recipients: [{ address: injection, delay_reason: injection }] },
    {
      recipients: [{ address: `x@${injection}`, orig_address: injection, bounce_reason: injection, delay_reason: '' }],
    },
    { malformed: [injection], queue_name: 'hold', recipients: [{ address: `"${injection}"@x.example` }] },
  ];
  return places.map((changes, number) =>
    messageLine({
      queue_id: `A${number}${which.toString(16).toUpperCase().padStart(4, '0')}ABC`,
      arrival_time: STARTED - 600 * number,
      ...changes,
    }),
  );
}
