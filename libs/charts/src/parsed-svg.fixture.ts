import { DOMParser, type Element } from '@xmldom/xmldom';

/** What a spec asks of a chart, read by an XML parser that stops at the first mistake. */
export interface ParsedSvg {
  readonly root: Element;
  readonly title: string;
  readonly description: string;
  /** What is written on the drawing, in the order of the file. */
  readonly texts: readonly string[];
  /** What the marks say of themselves. */
  readonly markTitles: readonly string[];
  /** Values of an attribute, of all elements that have it. */
  readonly attributes: (name: string) => readonly string[];
}

export function parseSvg(svg: string): ParsedSvg {
  const root = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(svg, 'image/svg+xml').documentElement;
  if (root === null) throw new Error('parseSvg: there must be a root element, got none');
  const all = Array.from(root.getElementsByTagName('*'));
  const contents = (name: string) => all.filter(({ tagName }) => tagName === name).map((one) => one.textContent ?? '');
  const [title, ...markTitles] = contents('title');
  return {
    root,
    title,
    description: contents('desc')[0],
    texts: contents('text'),
    markTitles,
    attributes: (name) => all.flatMap((one) => one.getAttribute(name) ?? []),
  };
}
