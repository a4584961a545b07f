/**
 * The types of Preact, as far as a page needs them. Preact's own need those of a browser, which would let all of the source
 * take `name` or `status` for a variable. These know nothing that could bring strangers' text into a page as markup: no
 * inner HTML, no event handlers, no styles at elements. Each text and each attribute is escaped by preact-render-to-string.
 */
declare module 'preact/jsx-runtime' {
  interface Element {
    readonly type: unknown;
  }
  type Child = Element | string | number | false | null | undefined;
  export type Children = Child | readonly Children[];

  interface Attributes {
    readonly key?: string | number;
    readonly id?: string;
    readonly class?: string | undefined;
    readonly title?: string | undefined;
    readonly href?: string;
    readonly lang?: string;
    readonly dir?: 'auto';
    readonly hidden?: boolean;
    readonly open?: boolean;
    readonly role?: string;
    readonly tabIndex?: number;
    readonly scope?: 'col' | 'row';
    readonly colSpan?: number;
    readonly datetime?: string;
    readonly children?: Children;
    readonly 'aria-label'?: string | undefined;
    readonly 'aria-labelledby'?: string;
    readonly 'aria-hidden'?: 'true';
    readonly [data: `data-${string}`]: string | number | undefined;
  }

  interface Drawing extends Attributes {
    readonly viewBox?: string;
    readonly preserveAspectRatio?: 'none';
    readonly d?: string;
    readonly x?: number;
    readonly y?: number;
    readonly width?: number;
    readonly height?: number;
    readonly x1?: number;
    readonly x2?: number;
    readonly y1?: number;
    readonly y2?: number;
  }

  type Html =
    | 'a'
    | 'abbr'
    | 'bdi'
    | 'button'
    | 'caption'
    | 'code'
    | 'dd'
    | 'details'
    | 'div'
    | 'dl'
    | 'dt'
    | 'em'
    | 'figcaption'
    | 'figure'
    | 'footer'
    | 'h1'
    | 'h2'
    | 'h3'
    | 'header'
    | 'li'
    | 'main'
    | 'nav'
    | 'ol'
    | 'p'
    | 'section'
    | 'span'
    | 'strong'
    | 'summary'
    | 'table'
    | 'tbody'
    | 'td'
    | 'tfoot'
    | 'th'
    | 'thead'
    | 'time'
    | 'tr'
    | 'ul';

  export namespace JSX {
    type IntrinsicElements = Record<Html, Attributes> &
      Record<'svg' | 'g' | 'title' | 'rect' | 'path' | 'line', Drawing>;
    interface ElementChildrenAttribute {
      readonly children: Children;
    }
    interface IntrinsicAttributes {
      readonly key?: string | number;
    }
    type Element = import('preact/jsx-runtime').Element;
    type ElementType = keyof IntrinsicElements | ((props: never) => Element | null);
  }
  export const Fragment: (props: { readonly children?: Children }) => Element;
  export const jsx: unknown;
  export const jsxs: unknown;
}

declare module 'preact-render-to-string' {
  export function renderToString(element: import('preact/jsx-runtime').JSX.Element): string;
}
