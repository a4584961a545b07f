/**
 * The document around a page: complete in itself. A browser that reads it asks nobody for anything: the policy allows its own
 * style and its own script, by their digests, and nothing else (Content Security Policy Level 3).
 */

import { hash } from 'node:crypto';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface DocumentParts {
  readonly title: string;
  /** Markup, by preact-render-to-string. */
  readonly body: string;
}

export function pageDocument({ title, body }: DocumentParts): string {
  const policy = [
    "default-src 'none'",
    `style-src '${digestOf(STYLE)}'`,
    `script-src '${digestOf(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="robots" content="noindex">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    `<body>${body}`,
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function digestOf(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text.replace(/[&<>]/gu, (character) => ENTITIES[character] ?? '');
}
