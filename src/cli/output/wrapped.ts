/** Text for a terminal of 80 columns. */

const WIDTH = 79;

/** Lines of words, none longer than fits unless a word is. What follows the first line is indented. */
export function wrapped(text: string, indent = '', width: number = WIDTH): string {
  return joinWords(text.split(' '), { indent, width, mark: '' });
}

/** A command line for a shell: what does not fit goes on in the next line, and all of it can be pasted at once. */
export function wrappedCommand(words: readonly string[], indent: string): string {
  return joinWords(words, {
    indent: `${indent}    `,
    width: WIDTH - indent.length - CONTINUED.length,
    mark: CONTINUED,
  });
}

/** The shell takes the next line for a part of this one. */
const CONTINUED = ' \\';

interface Wrapping {
  readonly indent: string;
  readonly width: number;
  readonly mark: string;
}

function joinWords(words: readonly string[], { indent, width, mark }: Wrapping): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    const before = lines.length === 0 ? '' : indent;
    if (line !== '' && before.length + longer.length > width) {
      lines.push(before + line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push((lines.length === 0 ? '' : indent) + line);
  return lines.join(`${mark}\n`);
}
