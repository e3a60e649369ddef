import type { LabelledImages } from '@digits/data';
import { ourVersion } from '../command-line.ts';
import type { DataProblem, ImagePlace } from '../dataset/check-data.ts';
import { formatCount, percent } from '../formats.ts';
import { html, type Html, pngAddress } from '../report/html.ts';
import { renderPage } from '../report/html-page.ts';
import { datasetName } from '../report/report-content.ts';
import { tile } from '../report/report-parts.ts';
import type { InspectedSplit, Inspection } from './inspection.ts';

const MAX_SUSPICIOUS = 120;
const MAX_PROBLEM_IMAGES = 24;
const MAX_REJECTED = 30;
const MAX_SIZES = 6;

/** Renders what an inspection found as one HTML file that needs nothing else. */
export async function renderInspection(source: string, inspection: Inspection): Promise<string> {
  const { opened, form, splits, labels } = inspection;
  const name = datasetName(source);
  const header = html`<h1>${name}</h1>
    <div class="muted">
      A data set of ${formatCount(numImages(splits))} images, stored as ${form}; SHA-256
      <code>${opened.checksum.slice(0, 16)}…</code>
    </div>
    ${opened.notes.filter((line) => !line.startsWith('Data check: ')).map((line) => html`<p class="notice">${line}</p>`)}
    ${tiles(inspection)}`;
  const main = html`${problemsSection(opened.problems)} ${await problemGalleries(opened.problems, splits)}
    ${labels === null ? null : await suspiciousSection(labels, splits, opened.classNames)}
    ${countsSection(splits, opened.classNames)} ${await sheetSection(splits, opened.classNames)}
    ${rejectedSection(inspection)}
    <footer>Written by digits ${ourVersion()}: <code>npm run dataset -- inspect PATH</code></footer>`;
  return renderPage(`${name}: inspection of a data set`, header, main);
}

function numImages(splits: readonly InspectedSplit[]): number {
  return splits.reduce((sum, { images }) => sum + images.count, 0);
}

function tiles({ opened, splits, sizes, numMeasured, labels }: Inspection): Html {
  const { height, width, channels } = opened.train;
  const shown = sizes
    .slice(0, MAX_SIZES)
    .map(({ size, count }) => (sizes.length === 1 ? size : `${size} (${formatCount(count)})`));
  const more = sizes.length > MAX_SIZES ? `, and ${sizes.length - MAX_SIZES} more` : '';
  return html`<dl class="tiles">
    ${splits.map(({ split, images }) => tile(`${split[0].toUpperCase()}${split.slice(1)} images`, formatCount(images.count), percent(images.count / numImages(splits))))}
    ${tile('Classes', String(opened.classNames.length), shorten(opened.classNames))}
    ${tile('Image size', `${height}x${width}${channels === 1 ? '' : `x${channels}`}`, `as the network gets it, preprocessing ${opened.preprocessing}`)}
    ${tile('Stored sizes', formatCount(sizes.length), `${shown.join(', ')}${more}; of ${formatCount(numMeasured)} images`)}
    ${tile('Left out', formatCount(opened.rejected.length), 'images that could not be prepared')}
    ${labels !== null && tile('Suspicious labels', formatCount(labels.suspicious.length), `networks agree with ${percent(labels.accuracy)} of all labels`)}
  </dl>`;
}

function shorten(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')}, ...`;
}

function problemsSection(problems: readonly DataProblem[]): Html {
  return html`<section>
    <h2>Data check</h2>
    ${
      problems.length === 0
        ? html`<p>Nothing was found: no image in two splits, none blank, none with two labels.</p>`
        : html`<ul class="problems">
            ${problems.map(({ message }) => html`<li>${message}.</li>`)}
          </ul>`
    }
  </section>`;
}

/** Titles of the problems that are shown with images: pairs of the same image, or single ones. */
const PICTURED: Readonly<Partial<Record<DataProblem['kind'], { readonly title: string; readonly isPair: boolean }>>> = {
  duplicates: { title: 'Images in two splits', isPair: true },
  conflictingLabels: { title: 'The same image with different labels', isPair: true },
  blank: { title: 'Blank images', isPair: false },
};

async function problemGalleries(problems: readonly DataProblem[], splits: readonly InspectedSplit[]): Promise<Html[]> {
  const galleries: Html[] = [];
  for (const { kind, images, message } of problems) {
    const how = PICTURED[kind];
    if (how === undefined) continue;
    const groupSize = how.isPair ? 2 : 1;
    const numGroups = images.length / groupSize;
    const entries: Html[] = [];
    for (let i = 0; i < Math.min(numGroups, MAX_PROBLEM_IMAGES); i++) {
      const group = images.slice(i * groupSize, (i + 1) * groupSize);
      const pictures = await Promise.all(group.map((place) => placePicture(place, splits)));
      entries.push(
        html`<li>
          <span class="${how.isPair ? 'two' : 'one'}">${pictures}</span>
          ${group.map(({ split, name }) => html`<div class="name">${split}: ${name}</div>`)}
        </li>`,
      );
    }
    galleries.push(
      html`<section>
        <h2>${how.title}</h2>
        <p>
          ${numGroups > entries.length ? `The first ${entries.length} of ${formatCount(numGroups)}: ` : ''}${message}.
        </p>
        <ul class="${how.isPair ? 'gallery pairs' : 'gallery'}">
          ${entries}
        </ul>
      </section>`,
    );
  }
  return galleries;
}

async function placePicture(
  { split, index, name }: ImagePlace,
  splits: readonly InspectedSplit[],
  text = `${split} image ${name}`,
): Promise<Html> {
  const images = splits.find((one) => one.split === split)?.images;
  if (images === undefined) return html`<span class="name">added</span>`;
  return picture(images, index, text);
}

async function picture(
  { images, height, width, channels }: LabelledImages,
  index: number,
  text: string,
): Promise<Html> {
  const size = height * width * channels;
  const data = images.subarray(index * size, (index + 1) * size);
  const address = await pngAddress({ data, width, height, channels: channels as 1 | 3 });
  return html`<img src="${address}" alt="${text}" title="${text}" width="${width}" height="${height}" />`;
}

async function suspiciousSection(
  { suspicious, accuracy }: NonNullable<Inspection['labels']>,
  splits: readonly InspectedSplit[],
  classNames: readonly string[],
): Promise<Html> {
  const shown = suspicious.slice(0, MAX_SUSPICIOUS);
  const entries = await Promise.all(
    shown.map(async ({ label, suggestion, probability, labelProbability, ...place }) => {
      const { split, name } = place;
      const text = `${split} image ${name}, labelled ${classNames[label]}, probably ${classNames[suggestion]}`;
      return html`<li>
        ${await placePicture(place, splits, text)}
        <div class="read">
          <span>${classNames[suggestion]}?</span> <span class="probability">${percent(probability)}</span>
        </div>
        <div>
          <span><span class="muted">labelled</span> ${classNames[label]}</span>
          <span class="probability muted">${percent(labelProbability)}</span>
        </div>
        <div class="name">${split}: ${name}</div>
      </li>`;
    }),
  );
  return html`<section>
    <h2>Suspicious labels</h2>
    <p>
      Networks that never saw the image answer otherwise than its label, with at least the confidence that is usual for
      that class. They agree with ${percent(accuracy)} of all labels.
      ${
        suspicious.length === 0
          ? 'No label is suspicious.'
          : `${shown.length === suspicious.length ? 'All' : `The first ${shown.length} of`} ${formatCount(suspicious.length)}, the surest first. Look at each: a hard image may be labelled rightly.`
      }
    </p>
    <ul class="gallery">
      ${entries}
    </ul>
  </section>`;
}

function countsSection(splits: readonly InspectedSplit[], classNames: readonly string[]): Html {
  const counts = splits.map(({ images }) => {
    const ofClass = new Array<number>(classNames.length).fill(0);
    for (const label of images.labels) ofClass[label]++;
    return ofClass;
  });
  return html`<section>
    <h2>Images per class</h2>
    <div class="card breaks">
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Class</th>
              ${splits.map(({ split }) => html`<th>${split}</th>`)}
              <th>Share of training</th>
            </tr>
          </thead>
          <tbody>
            ${classNames.map(
              (name, label) =>
                html`<tr>
                  <td>${name}</td>
                  ${counts.map((ofClass) => html`<td>${formatCount(ofClass[label])}</td>`)}
                  <td>${percent(counts[0][label] / splits[0].images.count)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </div>
  </section>`;
}

/** Images in a row of the contact sheet. */
const SHEET_COLUMNS = 20;

/** One row of images for each class, spread over the training split. */
async function sheetSection(
  [{ images: set }]: readonly InspectedSplit[],
  classNames: readonly string[],
): Promise<Html> {
  const rows = await Promise.all(
    classNames.map(async (name, label) => {
      const places = Array.from(set.labels.keys()).filter((i) => set.labels[i] === label);
      const stride = Math.max(1, Math.floor(places.length / SHEET_COLUMNS));
      const chosen = places.filter((_, i) => i % stride === 0).slice(0, SHEET_COLUMNS);
      return html`<tr>
        <td>${name}</td>
        <td>
          ${chosen.length === 0 ? 'no images' : await rowPicture(set, chosen, `Training images of class ${name}`)}
        </td>
      </tr>`;
    }),
  );
  return html`<section>
    <h2>Contact sheet</h2>
    <p>Training images of each class, spread over the split, as the network gets them.</p>
    <div class="card breaks">
      <table class="facts">
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

async function rowPicture(set: LabelledImages, places: readonly number[], text: string): Promise<Html> {
  const { images, height, width, channels } = set;
  const [rowWidth, size] = [SHEET_COLUMNS * width, height * width * channels];
  const data = new Uint8Array(height * rowWidth * channels);
  places.forEach((place, column) => {
    for (let y = 0; y < height; y++) {
      const start = place * size + y * width * channels;
      data.set(images.subarray(start, start + width * channels), (y * rowWidth + column * width) * channels);
    }
  });
  const address = await pngAddress({ data, width: rowWidth, height, channels: channels as 1 | 3 });
  return html`<img class="sheet" src="${address}" alt="${text}" />`;
}

function rejectedSection({ opened: { rejected } }: Inspection): Html | null {
  if (rejected.length === 0) return null;
  return html`<section>
    <h2>Left out</h2>
    <ul class="problems">
      ${rejected.slice(0, MAX_REJECTED).map(({ name, reason }) => html`<li>${name}: ${reason}</li>`)}
      ${rejected.length > MAX_REJECTED && html`<li>${`and ${formatCount(rejected.length - MAX_REJECTED)} more`}</li>`}
    </ul>
  </section>`;
}
