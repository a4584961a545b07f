// Markdown as a man(7) page: headings, paragraphs, lists, code and tables, which are all that the pages have.

import { lexer } from 'marked';

/**
 * @param {string} markdown without a title of its own
 * @param {{ name: string, section: number, about: string, date: string, version: string }} page
 */
export function manPage(markdown, { name, section, about, date, version }) {
  const head = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${section} ${quoted(date)} ${quoted(`postsnap ${version}`)}`;
  const first = ['.SH NAME', `${escaped(name)} \\- ${escaped(about)}`];
  return [head, ...first, ...blocks(lexer(markdown))].join('\n').concat('\n');
}

/** What mandoc(1) takes for a line of good length. */
const WIDTH = 78;

/** @typedef {import('marked').Token} Token */

/** @param {readonly Token[]} tokens */
function blocks(tokens) {
  /** @type {string[]} */
  const lines = [];
  let isAfterHeading = true;
  for (const token of tokens.filter(({ type }) => type !== 'space' && type !== 'html')) {
    const block = blockOf(token);
    // A paragraph right behind a heading needs no space of its own.
    lines.push(...(isAfterHeading && block[0] === '.PP' ? block.slice(1) : block));
    isAfterHeading = token.type === 'heading';
  }
  return lines;
}

/** @param {Token} token */
function blockOf(token) {
  switch (token.type) {
    case 'heading':
      return [`${token.depth <= 2 ? '.SH' : '.SS'} ${quoted(plain(token.tokens))}`];
    case 'paragraph':
      return ['.PP', ...textLines(token.tokens)];
    case 'code':
      return ['.PP', '.in +4n', '.nf', ...token.text.split('\n').map(textLine), '.fi', '.in'];
    case 'list':
      return token.items.flatMap((/** @type {any} */ item, /** @type {number} */ index) =>
        tagged(token.ordered === true ? `${Number(token.start) + index}.` : '\\(bu', itemLines(item.tokens), 4),
      );
    case 'table':
      return token.rows.flatMap((/** @type {any} */ [first, ...rest]) =>
        tagged(
          inline(first.tokens),
          rest.flatMap((/** @type {any} */ cell) => textLines(cell.tokens)),
          10,
        ),
      );
    default:
      throw new Error(`a man page can not have this: ${token.type}: ${token.raw}`);
  }
}

/** @param {string} tag @param {readonly string[]} lines @param {number} indent */
function tagged(tag, lines, indent) {
  return [`.TP ${indent}`, guarded(tag), ...(lines.length === 0 ? ['\\&'] : lines)];
}

/** @param {readonly Token[]} tokens */
function itemLines(tokens) {
  return tokens.flatMap((token) =>
    token.type === 'text' && 'tokens' in token ? textLines(token.tokens ?? []) : ['.RS 4', ...blocks([token]), '.RE'],
  );
}

/** @param {readonly Token[]} tokens */
function textLines(tokens) {
  /** @type {string[]} */
  const lines = [];
  for (const word of inline(tokens).split(/\s+/u)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${line} ${word}`;
    }
  }
  return lines.map(guarded);
}

/** @param {readonly Token[]} tokens @returns {string} */
function inline(tokens) {
  return tokens.map(inlineOf).join('');
}

/** @param {Token} token @returns {string} */
function inlineOf(token) {
  switch (token.type) {
    case 'codespan':
    case 'strong':
      return `\\fB${escaped(unescaped(token.text))}\\fR`;
    case 'em':
      return `\\fI${inline(token.tokens ?? [])}\\fR`;
    case 'link':
      return inline(token.tokens ?? []);
    case 'text':
    case 'escape':
      return escaped(unescaped(token.text));
    default:
      throw new Error(`a man page can not have this in a text: ${token.type}: ${token.raw}`);
  }
}

/** @param {readonly Token[]} tokens @returns {string} */
function plain(tokens) {
  return tokens.map((token) => escaped(unescaped('text' in token ? token.text : token.raw))).join('');
}

const SPECIAL = new Map([
  ['\\', '\\e'],
  ['-', '\\-'],
  ["'", '\\(aq'],
  ['`', '\\(ga'],
  ['^', '\\(ha'],
  ['~', '\\(ti'],
  ['"', '\\(dq'],
]);

/** @param {string} text */
function escaped(text) {
  return text
    .replaceAll(/[\\'`^~"-]/gu, (character) => SPECIAL.get(character) ?? character)
    .replaceAll(/[^\0-\x7f]/gu, entity);
}

/** A character beyond ASCII, by its number: every roff knows that. @param {string} character */
function entity(character) {
  return `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** marked escapes for HTML. @param {string} text */
function unescaped(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** A line may not begin with what begins a request. @param {string} line */
function guarded(line) {
  return /^[.']/u.test(line) ? `\\&${line}` : line;
}

/** @param {string} line */
function textLine(line) {
  return line === '' ? '\\&' : guarded(escaped(line));
}

/** @param {string} text */
function quoted(text) {
  return `"${text}"`;
}
