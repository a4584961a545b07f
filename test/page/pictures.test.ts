/**
 * The pages as pictures, beside those in fixtures/report: three widths, by day, by night and on paper. With UPDATE_PICTURES=1 it
 * makes them anew. They are half as wide as the page, so that few bytes show much.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { type Browser, chromium } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleLines } from '../support/report/sample-queue-lines.ts';
import { pageOf, reportOn, SAMPLE_ADDITIONS } from '../support/report/sample-report.ts';
import { describeWith, program } from '../support/torture/requirements.ts';

const CHROMIUM = '/usr/bin/chromium';
const PICTURES = join(import.meta.dirname, '../../fixtures/report');
/** Of each picture so much may differ: letters are drawn a little otherwise by another version. */
const TOLERANCE = 0.03;
/** What the README shows. */
const SHOWN = join(import.meta.dirname, '../../docs/report.png');
const WIDTHS = [
  [320, 1600],
  [1280, 2000],
  [3840, 2600],
] as const;
const LOOKS = ['light', 'dark', 'print'] as const;

describeWith([program(CHROMIUM, '--version')], 'the page of a report looks as it did', () => {
  let browser: Browser;
  let scratch: string;
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'postsnap-pictures-'));
    writeFileSync(join(scratch, 'page.html'), pageOf(reportOn(sampleLines(4000), {}, SAMPLE_ADDITIONS)));
    writeFileSync(join(scratch, 'readme.html'), pageOf(reportOn(sampleLines(12_431))));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--font-render-hinting=none'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(scratch, { recursive: true });
  });

  interface View {
    readonly name: string;
    readonly look: (typeof LOOKS)[number];
    readonly width: number;
    readonly height: number;
  }

  async function picture({ name, look, width, height }: View): Promise<Buffer> {
    const context = await browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: 0.5,
      colorScheme: look === 'dark' ? 'dark' : 'light',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    if (look === 'print') {
      await page.emulateMedia({ media: 'print' });
    }
    await page.goto(`file://${join(scratch, name)}`);
    const taken = await page.screenshot({ animations: 'disabled' });
    await context.close();
    return taken;
  }

  function compare(taken: Buffer, file: string): void {
    if (process.env['UPDATE_PICTURES'] !== undefined) {
      mkdirSync(PICTURES, { recursive: true });
      writeFileSync(file, taken);
    }
    const [now, then] = [PNG.sync.read(taken), PNG.sync.read(readFileSync(file))];
    expect([now.width, now.height]).toEqual([then.width, then.height]);
    const different = pixelmatch(now.data, then.data, undefined, now.width, now.height, { threshold: 0.2 });
    const share = different / (now.width * now.height);
    if (share > TOLERANCE) {
      const kept = join(tmpdir(), `postsnap-${basename(file)}`);
      writeFileSync(kept, taken);
      throw new Error(`${Math.round(share * 100)} % of ${file} differ from ${kept}`);
    }
  }

  test.each(WIDTHS.flatMap(([width, height]) => LOOKS.map((look) => [width, look, height] as const)))(
    '%d pixels wide, %s',
    async (width, look, height) => {
      const taken = await picture({ name: 'page.html', look, width, height });
      compare(taken, join(PICTURES, `${width}-${look}.png`));
    },
  );

  test('in the README', async () => {
    compare(await picture({ name: 'readme.html', look: 'light', width: 1280, height: 860 }), SHOWN);
  });
});
