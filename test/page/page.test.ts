/** The page of a report in a real browser: Debian's Chromium. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { HtmlValidate } from 'html-validate';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { printable } from '../../src/cli/output/stderr-line.ts';
import { INJECTIONS, injectedLines } from '../support/report/injections.ts';
import { sampleLines } from '../support/report/sample-queue-lines.ts';
import { pageOf, reportOn, SAMPLE_ADDITIONS } from '../support/report/sample-report.ts';
import { strangeLines } from '../support/report/strange-lines.ts';
import { describeWith, program } from '../support/torture/requirements.ts';

const CHROMIUM = '/usr/bin/chromium';

describeWith([program(CHROMIUM, '--version')], 'the page of a report in a browser', () => {
  let browser: Browser;
  let scratch: string;
  const sample = pageOf(reportOn(sampleLines(3000), {}, SAMPLE_ADDITIONS));
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'postsnap-page-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(scratch, { recursive: true });
  });

  /** Opens it from disk. What it asks for, and what it complains of, is collected. */
  async function open(html: string, options: BrowserContextOptions = {}): Promise<{ page: Page; said: string[] }> {
    const file = join(scratch, 'page.html');
    writeFileSync(file, html);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const said: string[] = [];
    page.on('request', (request) => said.push(...(request.url().startsWith(`file://${file}`) ? [] : [request.url()])));
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(`file://${file}`);
    return { page, said };
  }

  test('asks for nothing, and complains of nothing', async () => {
    const { page, said } = await open(sample);
    await page.waitForTimeout(300);
    expect(said).toEqual([]);
    expect(await page.locator('h1').textContent()).toMatch(/^3,000 messages/u);
  });

  test.each([
    [320, 'light'],
    [1280, 'light'],
    [1280, 'dark'],
    [3840, 'dark'],
  ] as const)('is open to everybody (axe), %d pixels wide, %s', async (width, colorScheme) => {
    const { page } = await open(sample, { viewport: { width, height: 900 }, colorScheme });
    await page.locator('details').evaluateAll((all) => {
      for (const details of all.slice(0, 12)) {
        details.setAttribute('open', '');
      }
    });
    await page.evaluate(axe.source);
    const violations = await page.evaluate('axe.run().then(({ violations }) => violations)');
    expect(
      (violations as { id: string; nodes: { html: string; failureSummary: string }[] }[]).map(({ id, nodes }) => [
        id,
        nodes[0]?.html,
        nodes[0]?.failureSummary,
      ]),
    ).toEqual([]);
    const wider = await page.evaluate(
      `[...document.querySelectorAll('body *')]
        .filter((one) => one.closest('.scroll') === null && one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 200))`,
    );
    expect(wider).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  });

  test('is as the standard of HTML wants it', () => {
    const validator = new HtmlValidate({
      extends: ['html-validate:standard', 'html-validate:a11y'],
      // Foreign text may be long, and the printer does not indent.
      rules: { 'long-title': 'off' },
    });
    for (const html of [sample, pageOf(reportOn(strangeLines())), pageOf(reportOn([]))]) {
      const messages = validator.validateStringSync(html).results.flatMap((result) => result.messages);
      expect(messages.map(({ ruleId, message, line, column }) => `${ruleId}: ${message} (${line}:${column})`)).toEqual(
        [],
      );
    }
  });

  test('is all there with scripts off', async () => {
    const { page, said } = await open(sample, { javaScriptEnabled: false });
    expect(said).toEqual([]);
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(200);
    await page.locator('.row-way summary').first().click();
    expect(await page.locator('.row-way .command').first().isVisible()).toBe(true);
    expect(await page.locator('.copy').count()).toBe(0);
  });

  test('is used by keys alone: filter, sort, the command of a cell', async () => {
    const { page } = await open(sample);
    const tabTo = async (selector: string): Promise<void> => {
      for (let presses = 0; presses < 80; presses += 1) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) === true) {
          return;
        }
      }
      throw new Error(`${selector} is not reached`);
    };
    await tabTo('#recipients input');
    await page.keyboard.type('company-1');
    const rows = page.locator('#recipients tbody tr:visible');
    expect(await rows.count()).toBeGreaterThan(5);
    expect((await rows.locator('th').allTextContents()).every((name) => name.includes('company-1'))).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('bigmail');
    expect(await rows.count()).toBe(1);
    await tabTo('#recipients td.age');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const composed = await page.locator('#recipients .composed .command').textContent();
    expect(composed).toMatch(
      /^postsnap list \/var\/backups\/mx1\/queue\.tar\.zst --recipient-domain bigmail\.example --older 2026-03-02T06:10:01Z --younger 2026-03-02T06:05:01Z$/u,
    );
    await tabTo('#reasons .sort');
    await page.keyboard.press('Enter');
    const sorted = await page.locator('#reasons tbody .reason').allTextContents();
    expect(sorted).toEqual([...sorted].sort());
  });

  test('copies a command', async () => {
    const { page } = await open(sample, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.top > .way .copy').click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('postsnap list /var/backups/mx1/queue.tar.zst');
  });

  test('leads from the chart to its table', async () => {
    const { page } = await open(sample);
    await page.locator('.plot a').nth(5).click();
    expect(await page.locator('#arrival-5').isVisible()).toBe(true);
  });

  test('shows what strangers write as text, also where no policy would stop it', async () => {
    const html = pageOf(reportOn(INJECTIONS.flatMap((injection, number) => injectedLines(injection, number))));
    const { page, said } = await open(html.replace(/<meta http-equiv[^>]*>/u, ''));
    await page.waitForTimeout(300);
    expect(said).toEqual([]);
    expect(await page.evaluate('window.injected')).toBeUndefined();
    const usual = 'script,style,svg,rect,line,title,g,path,a[href^="#"]';
    const elements = await page.evaluate(
      `[...new Set([...document.body.querySelectorAll('*')].map((one) => one.localName))]`,
    );
    expect((elements as string[]).filter((name) => FORBIDDEN.includes(name))).toEqual([]);
    expect(
      await page.locator(`script:not(body > script), style:not(head > style), a:not([href^="#"])`).count(),
      usual,
    ).toBe(0);
    const attributes = await page.evaluate(
      `[...new Set([...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()))]`,
    );
    expect((attributes as string[]).filter((name) => /^on|^style$|^src/u.test(name))).toEqual([]);
    const texts = new Set(await page.locator('#recipients bdi').allTextContents());
    const shown = INJECTIONS.filter((injection) => texts.has(printable(injection.toLowerCase())));
    expect(shown.length).toBeGreaterThan(20);
  });

  const FORBIDDEN = [
    'iframe',
    'object',
    'embed',
    'form',
    'link',
    'base',
    'meta',
    'img',
    'video',
    'math',
    'template',
    'marquee',
  ];
});
