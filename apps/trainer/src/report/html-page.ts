import { html, type Html, type HtmlValue } from './html.ts';
import { STYLE } from './style.ts';

/** Renders one HTML file that needs nothing else: no scripts, no network, pictures and charts inside. */
export function renderPage(title: string, header: HtmlValue, main: HtmlValue): string {
  const page: Html = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${{ html: STYLE }}
        </style>
      </head>
      <body>
        <header>
          <div>${header}</div>
        </header>
        <main>${main}</main>
      </body>
    </html> `;
  return page.html.replaceAll(/^[ \t]+/gm, '');
}
