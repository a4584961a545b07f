/**
 * State that outlives a call is a class. A function that gives functions away, alone or as an object, holds nothing that
 * these change; and no file holds anything that its functions change: it would be of all archives, queues and threads.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../src');

/** A node of the syntax tree, as ESTree names it. */
interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);
/** What changes an array, a map or a set. */
const CHANGES: ReadonlySet<string> = new Set(
  'add clear copyWithin delete fill pop push reverse set shift sort splice unshift'.split(' '),
);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.type);
}

/** A node and all below it; where `isEntered` says no, not what stands inside. */
function below(node: Node, isEntered: (node: Node) => boolean): Node[] {
  const found = [node];
  for (const one of found) {
    if (isEntered(one)) {
      found.push(...childrenOf(one));
    }
  }
  return found;
}

/** A node and all below it, but not what stands inside other functions. */
function within(node: Node): Node[] {
  return below(node, (one) => !isFunction(one));
}

function everything(node: Node): Node[] {
  return below(node, () => true);
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node['name'] === 'string' ? node['name'] : '';
}

/** The variable that a chain of members begins with: `a` of `a.b[c]`. */
function rootOf(node: unknown): string {
  return isNode(node) && node.type === 'MemberExpression' ? rootOf(node['object']) : nameOf(node);
}

/** The variables that a piece of code changes. */
function changedIn(code: Node): string[] {
  return everything(code).map((node) => {
    if (node.type === 'AssignmentExpression') {
      return rootOf(node['left']);
    }
    if (node.type === 'UpdateExpression') {
      return rootOf(node['argument']);
    }
    const called = node.type === 'CallExpression' ? node['callee'] : undefined;
    const isChange = isNode(called) && called.type === 'MemberExpression' && CHANGES.has(nameOf(called['property']));
    return isChange ? rootOf(called['object']) : '';
  });
}

/** The names of a declaration: one, or those of a pattern. */
function namesOf(pattern: unknown): string[] {
  if (!isNode(pattern) || pattern.type === 'Identifier') {
    return [nameOf(pattern)];
  }
  return childrenOf(pattern).flatMap((part) => namesOf(part.type === 'Property' ? part['value'] : part));
}

/** What a function, or a file, declares by itself. */
function declaredIn(body: readonly Node[]): Map<string, Node | undefined> {
  const nodes = body.flatMap(within);
  const entries = nodes.flatMap((node): [string, Node | undefined][] => {
    if (node.type === 'FunctionDeclaration') {
      return [[nameOf(node['id']), node]];
    }
    const value = isNode(node['init']) ? node['init'] : undefined;
    return node.type === 'VariableDeclarator' ? namesOf(node['id']).map((name) => [name, value]) : [];
  });
  return new Map(entries.filter(([name]) => name !== ''));
}

/** The functions that an expression gives: itself, members of an object, and what they are called there. */
function functionsIn(node: unknown, declared: ReadonlyMap<string, Node | undefined>): Node[] {
  if (!isNode(node) || isFunction(node)) {
    return isNode(node) ? [node] : [];
  }
  if (node.type === 'Identifier') {
    const value = declared.get(nameOf(node));
    return value === undefined || value.type === 'Identifier' ? [] : functionsIn(value, declared);
  }
  const parts = node.type === 'ObjectExpression' ? node['properties'] : node.type === 'Property' ? [node['value']] : [];
  const others = node.type === 'ConditionalExpression' ? [node['consequent'], node['alternate']] : [];
  return [parts, others].flat().flatMap((part) => functionsIn(part, declared));
}

/** Functions, and what they call of those that are declared beside them. */
function reachedFrom(functions: readonly Node[], declared: ReadonlyMap<string, Node | undefined>): Set<Node> {
  const reached = new Set(functions);
  for (const one of reached) {
    for (const name of mentionedIn(one)) {
      for (const called of functionsIn(declared.get(name), declared)) {
        reached.add(called);
      }
    }
  }
  return reached;
}

function mentionedIn(code: Node): string[] {
  return everything(code).map(nameOf);
}

/** The variables of a function that what it gives away knows, and that change behind it. */
function heldBy(maker: Node): string[] {
  const body = childrenOf(maker);
  const declared = declaredIn(body);
  const nodes = body.flatMap(within);
  const returned = nodes.filter(({ type }) => type === 'ReturnStatement').map((node) => node['argument']);
  const given = [...returned, maker['body']].flatMap((node) => functionsIn(node, declared));
  const known = new Set([...reachedFrom(given, declared)].flatMap(mentionedIn));
  return nodes
    .filter(isFunction)
    .flatMap(changedIn)
    .filter((name) => declared.has(name) && known.has(name));
}

function treeOf(code: string, lang: 'ts' | 'tsx'): Node {
  const tree: unknown = parseAst(code, { lang });
  return isNode(tree) ? tree : { type: 'nothing' };
}

/** What the functions of a file change that is not theirs. */
function heldIn(code: string, lang: 'ts' | 'tsx' = 'ts'): string[] {
  const tree = treeOf(code, lang);
  const nodes = everything(tree);
  const ofFile = declaredIn(childrenOf(tree));
  const functions = nodes.filter(isFunction);
  const own = new Set(functions.flatMap((node) => [...declaredIn(childrenOf(node)).keys()]));
  const shared = functions.flatMap(changedIn).filter((name) => ofFile.has(name) && !own.has(name));
  return [...new Set([...functions.flatMap(heldBy), ...shared])];
}

const FILES = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/u.test(name));

describe('state that outlives a call', () => {
  it.each([
    ['a number', 'function make() { let n = 0; return { next: () => (n += 1) }; }'],
    ['a list', 'function make() { const all = []; return { add(one) { all.push(one); } }; }'],
    [
      'a map that an inner function fills',
      'const make = () => { const m = new Map(); function f() { m.set(1, 2); } return () => f(); };',
    ],
    [
      'an object',
      'function make() { const state = { n: 0 }; const api = { f: () => { state.n += 1; } }; return api; }',
    ],
    [
      'what a listener changes',
      'function make(on) { let n; const hear = () => { n = 1; }; on(hear); return { n: () => n }; }',
    ],
    ['a memory of the file', 'const known = new Map(); export function find(key) { known.set(key, 1); }'],
    ['a variable of the file', 'let texts; export function text(key) { texts ??= new Map(); return texts.get(key); }'],
  ])('is found: %s', (_, code) => {
    expect(heldIn(code)).toHaveLength(1);
  });

  it.each([
    ['a class', 'class Counter { #n = 0; next() { this.#n += 1; return this.#n; } }'],
    [
      'what only the call itself changes',
      'function sum(all) { let n = 0; all.forEach((one) => { n += one; }); return n; }',
    ],
    [
      'what is whole when it is given',
      'function make(all) { let n = 0; for (const one of all) { n += one; } return { n: () => n }; }',
    ],
    ['a generator of its own', 'function make() { return function* () { let n = 0; n += 1; yield n; }; }'],
  ])('is not: %s', (_, code) => {
    expect(heldIn(code)).toEqual([]);
  });

  it('is looked for in all files', () => {
    expect(FILES.length).toBeGreaterThan(300);
  });

  it.each([...new Set(FILES.map((file) => file.split('/')[0]))])('is in classes alone in %s', (room) => {
    const held = FILES.filter((file) => file.split('/')[0] === room).flatMap((file) =>
      heldIn(readFileSync(join(SOURCE, file), 'utf8'), file.endsWith('x') ? 'tsx' : 'ts').map(
        (name) => `src/${file} holds ${name} outside of a class`,
      ),
    );
    expect(held).toEqual([]);
  });
});
