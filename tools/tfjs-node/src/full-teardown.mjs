import { removeLink } from './links.mjs';
import { LINKS } from './places.mjs';

/** Jest's globalTeardown: what was not set up before is not set up after; the cache stays. */
export default function tearDownAfterTests() {
  if (process.env.DIGITS_TENSORFLOW_WAS_LINKED === 'no') LINKS.forEach(removeLink);
}
