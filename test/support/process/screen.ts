/** The screen of a terminal, as far as a shell without line editing and a progress bar use it. */

const ESCAPE = '\u001B';
/** A control sequence with its parameter and its command (ECMA-48), a short one, or one character. */
const PIECE = new RegExp(`${ESCAPE}\\[[?]?([0-9;]*)([A-Za-z])|${ESCAPE}([78=>])|[\\s\\S]`, 'gu');

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What stands on a screen after that was written to it: its lines, without blanks at their ends. */
export function screenOf(output: string, size: ScreenSize): string[] {
  const screen = new Screen(size);
  for (const [text, parameter = '', command = '', short = ''] of output.matchAll(PIECE)) {
    if (command !== '') {
      screen.control(command, parameter);
    } else if (short !== '') {
      screen.remember(short);
    } else {
      screen.write(text);
    }
  }
  return screen.lines;
}

class Screen {
  readonly #size: ScreenSize;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  #saved: readonly [row: number, column: number] = [0, 0];

  constructor(size: ScreenSize) {
    this.#size = size;
  }

  get lines(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  write(character: string): void {
    if (character === '\r') {
      this.#column = 0;
    } else if (character === '\n') {
      this.#down();
    } else if (character >= ' ') {
      this.#put(character);
    }
  }

  /** Erases in a line (EL), or goes to a column (CHA). */
  control(command: string, parameter: string): void {
    const [line, column] = [this.#line, this.#column];
    if (command === 'K') {
      const isRight = parameter === '' || parameter === '0';
      this.#line = parameter === '2' ? '' : isRight ? line.slice(0, column) : line.slice(column).padStart(line.length);
    } else if (command === 'G') {
      this.#column = Math.max(0, Number(parameter === '' ? '1' : parameter) - 1);
    }
  }

  /** DECSC and DECRC. */
  remember(command: string): void {
    if (command === '7') {
      this.#saved = [this.#row, this.#column];
    } else if (command === '8') {
      [this.#row, this.#column] = this.#saved;
    }
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  set #line(text: string) {
    this.#lines[this.#row] = text;
  }

  #put(character: string): void {
    if (this.#column === this.#size.columns) {
      this.#column = 0;
      this.#down();
    }
    const line = this.#line.padEnd(this.#column);
    this.#line = line.slice(0, this.#column) + character + line.slice(this.#column + 1);
    this.#column += 1;
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#lines.length) {
      this.#lines.push('');
    }
    if (this.#lines.length > this.#size.rows) {
      this.#lines.shift();
      this.#row -= 1;
    }
  }
}
