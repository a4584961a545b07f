import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { INJECTIONS, injectedLines } from '../../../support/report/injections.ts';
import { sampleLines } from '../../../support/report/sample-queue-lines.ts';
import { INFO, pageOf, reportOn } from '../../../support/report/sample-report.ts';
import { strangeLines } from '../../../support/report/strange-lines.ts';

const digestOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page of a queue', () => {
  const page = pageOf(reportOn(sampleLines(20_000)));

  test('allows its own style and its own script, by their digests, and nothing else', () => {
    const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/u.exec(page) ?? [];
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/u.exec(page) ?? [];
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/u.exec(page) ?? [];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${digestOf(style)}`,
      `script-src ${digestOf(script)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page.match(/<(?:style|script|link|img|iframe|object|embed|base|form)\b/gu)).toEqual(['<style', '<script']);
    expect(page).not.toMatch(/<[^>]*\s(?:style|on\w+|src|srcdoc|action)=/u);
    expect(page).not.toMatch(/href="(?!#)/u);
  });

  test('of 20,000 messages has less than a megabyte', () => {
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
  });

  test('says what is in the queue', () => {
    expect(page).toContain('<h1>20,000 messages');
    expect(page).toContain('host *.bigmail.example[*] said: 421 4.7.0 Try again later, closing connection');
  });
});

test('an empty queue has a page, too', () => {
  expect(pageOf(reportOn([]))).toContain('<h1>No message waits.</h1>');
});

describe('what strangers write shows as text', () => {
  const withoutOwn = (html: string): string =>
    html.replace(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/gu, '');
  const tags = (html: string): string[] => [...new Set(withoutOwn(html).match(/<\/?[a-z][a-z0-9]*/giu))].sort();
  const usual = tags(pageOf(reportOn([...sampleLines(300), ...strangeLines()])));

  test('in messages', () => {
    const page = pageOf(reportOn(INJECTIONS.flatMap(injectedLines)));
    expect(tags(page).filter((tag) => !usual.includes(tag))).toEqual([]);
    expect(page).toContain('&lt;script>window.injected=1&lt;/script>');
  });

  test('in what the archive says of itself', () => {
    for (const text of INJECTIONS) {
      const said = { myhostname: text, instance: text, mail_version: text, queue_directory: text, tool_version: text };
      const archive = { ...INFO, ...said, started: text, finished: text, snapshot_id: text, signed_by: text };
      const lifetime = { text, seconds: 5 };
      const page = pageOf(reportOn([], { archive, lifetimes: { maximal: lifetime, bounce: lifetime } }));
      expect(tags(page).filter((tag) => !usual.includes(tag))).toEqual([]);
    }
  });
});
