/**
 * What a page can do beside being read: it copies commands, sorts and filters tables, and puts together the command of a cell.
 * Each function goes into the page as its own text, and so uses nothing but what it is given. Without it all of a page is there.
 */

/** Of a browser's elements, what is used of them here: the types of a browser would be known in all of the source. */
interface PageElement {
  readonly children: ArrayLike<PageElement>;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly parentElement: PageElement | null;
  readonly cells: ArrayLike<PageElement>;
  readonly cellIndex: number;
  className: string;
  hidden: boolean;
  open: boolean;
  tabIndex: number;
  textContent: string;
  type: string;
  value: string;
  after(...others: readonly PageElement[]): void;
  append(...others: readonly (PageElement | string)[]): void;
  before(other: PageElement): void;
  addEventListener(kind: string, listener: (event: PageEvent) => void): void;
  closest(selector: string): PageElement | null;
  focus(): void;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  removeAttribute(name: string): void;
  replaceChildren(...others: readonly (PageElement | string)[]): void;
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
}

interface PageEvent {
  readonly key?: string;
  readonly target: PageElement;
  preventDefault(): void;
}

interface Page {
  readonly body: PageElement;
  readonly defaultView: {
    readonly navigator: { readonly clipboard?: { writeText(text: string): Promise<void> } };
    readonly location: { readonly hash: string };
    setTimeout(call: () => void, milliseconds: number): void;
    addEventListener(kind: string, listener: () => void): void;
    getSelection(): { selectAllChildren(element: PageElement): void } | null;
  };
  createElement(name: string): PageElement;
  getElementById(id: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** A button behind each command. Where nothing can be copied, the command is marked, ready for it. */
function addCopyButtons(page: Page): void {
  for (const code of page.querySelectorAll('code.command')) {
    const button = page.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', () => {
      const say = (text: string): void => {
        button.textContent = text;
        page.defaultView.setTimeout(() => {
          button.textContent = 'Copy';
        }, 1500);
      };
      const mark = (): void => {
        page.defaultView.getSelection()?.selectAllChildren(code);
        say('Marked');
      };
      const clipboard = page.defaultView.navigator.clipboard;
      if (clipboard === undefined) {
        mark();
      } else {
        clipboard.writeText(code.textContent).then(() => say('Copied'), mark);
      }
    });
    code.after(button);
  }
}

/** A click on the head of a column sorts by it: numbers first from the greatest, texts from the first. */
function sortTables(page: Page): void {
  for (const table of page.querySelectorAll('table.sortable')) {
    const body = table.querySelector('tbody');
    for (const head of table.querySelectorAll('thead th')) {
      const name = head.textContent.trim();
      if (body === null || name === '' || name === 'command' || name === 'share') {
        continue;
      }
      const button = page.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.textContent = name;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const isNumber = head.className.includes('number');
        const wasDescending = head.getAttribute('aria-sort') === 'descending';
        const wasSorted = head.getAttribute('aria-sort') !== null;
        const isDescending = wasSorted ? !wasDescending : isNumber;
        const sortValue = (row: PageElement): string => {
          const cell = row.cells[head.cellIndex];
          return cell?.dataset['value'] ?? cell?.textContent.trim() ?? '';
        };
        const numberOf = (text: string): number => Number(text.replace(/[^0-9.-]/g, ''));
        const compare = (one: string, other: string): number =>
          isNumber ? numberOf(one) - numberOf(other) : one < other ? -1 : one > other ? 1 : 0;
        const rows = Array.from(body.children, (row) => ({ row, value: sortValue(row) }));
        rows.sort((one, other) => (isDescending ? compare(other.value, one.value) : compare(one.value, other.value)));
        body.append(...rows.map(({ row }) => row));
        for (const other of table.querySelectorAll('thead th')) {
          other.removeAttribute('aria-sort');
        }
        head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      });
    }
  }
}

/** A field above a long table: rows whose name has not what is typed are hidden. */
function filterTables(page: Page): void {
  for (const table of page.querySelectorAll('table.filtered')) {
    const rows = Array.from(table.querySelectorAll('tbody tr'));
    const scroll = table.closest('.scroll');
    if (scroll === null || rows.length < 8) {
      continue;
    }
    const [label, input, told] = [page.createElement('label'), page.createElement('input'), page.createElement('span')];
    label.className = 'filter';
    input.type = 'search';
    told.className = 'faint';
    told.setAttribute('role', 'status');
    label.append('Only ', input, told);
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        row.hidden = !(row.cells[0]?.textContent ?? '').toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      told.textContent = wanted === '' ? '' : `${shown} of ${rows.length}`;
    });
    scroll.before(label);
  }
}

/** A cell of a heat map is the messages of its row and its column: its command is that of both. Arrow keys go from cell to cell. */
function composeCells(page: Page): void {
  const base = page.body.querySelector('[data-base]')?.dataset['base'];
  for (const table of page.querySelectorAll('table.ages')) {
    const heads = Array.from(table.querySelectorAll('thead th'));
    const box = page.createElement('div');
    const code = page.createElement('code');
    code.className = 'command';
    box.className = 'composed';
    box.hidden = true;
    box.setAttribute('role', 'status');
    box.append(code);
    table.closest('.scroll')?.after(box);
    const compose = (cell: PageElement): void => {
      const parts = [cell.closest('tr')?.dataset['options'], heads[cell.cellIndex]?.dataset['options']];
      box.hidden = base === undefined || parts.includes(undefined);
      code.textContent = [base, ...parts].filter((part) => part !== '').join(' ');
    };
    const STEPS: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const move = (cell: PageElement, key: string): boolean => {
      const rows = Array.from(table.querySelectorAll('tbody tr')).filter((row) => !row.hidden);
      const row = cell.closest('tr');
      const [down, right] = STEPS[key] ?? [0, 0];
      const next = row === null ? undefined : rows[rows.indexOf(row) + down]?.cells[cell.cellIndex + right];
      if (next === undefined || !next.className.includes('age') || next === cell) {
        return false;
      }
      cell.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      return true;
    };
    for (const cell of table.querySelectorAll('tbody td.age')) {
      cell.tabIndex = -1;
      cell.addEventListener('click', () => compose(cell));
      cell.addEventListener('keydown', (event) => {
        const key = event.key ?? '';
        if (key === 'Enter' || key === ' ') {
          compose(cell);
          event.preventDefault();
        } else if (move(cell, key)) {
          event.preventDefault();
        }
      });
    }
    const first = table.querySelector('tbody td.age');
    if (first !== null) {
      first.tabIndex = 0;
    }
  }
}

/** A link into a table that is folded away opens it. */
function openTargets(page: Page): void {
  const open = (): void => {
    const target = page.getElementById(page.defaultView.location.hash.slice(1));
    const details = target?.closest('details') ?? null;
    if (details !== null) {
      details.open = true;
    }
  };
  page.defaultView.addEventListener('hashchange', open);
  open();
}

const PARTS = [composeCells, addCopyButtons, sortTables, filterTables, openTargets];

/** The script of all pages. */
export const SCRIPT = PARTS.map((part) => `(${part.toString()})(document);`).join('\n');
