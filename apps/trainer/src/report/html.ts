import sharp from 'sharp';

/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

/** What a template takes: texts and numbers are escaped, HTML is not; null and false leave nothing. */
export type HtmlValue = string | number | null | false | Html | readonly HtmlValue[];

/** Puts HTML together; everything that is not HTML itself is escaped, so that a class name stays a name. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: parts.map((part, i) => (i === 0 ? part : showValue(values[i - 1]) + part)).join('') };
}

/** Declares text to be HTML, e.g. a chart. */
export function raw(text: string): Html {
  return { html: text };
}

function showValue(value: HtmlValue): string {
  if (value === null || value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(showValue).join('');
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A picture to be shown: `[height, width, channels]` bytes. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** Encodes a picture as a `data:` address that holds all of it. */
export async function pngAddress({ data, width, height, channels }: Pixels): Promise<string> {
  const png = await sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 9 }).toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
