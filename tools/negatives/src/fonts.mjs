/**
 * Which fonts letters are taken from, by what they are used for. No font serves two purposes: how well letters of a font
 * never seen are refused is what the figures are about. Names are those of the packages `@fontsource/NAME`.
 */
export const FONTS = {
  train: [
    'architects-daughter',
    'indie-flower',
    'patrick-hand',
    'shadows-into-light',
    'gochi-hand',
    'reenie-beanie',
    'kalam',
    'caveat',
    'delius',
    'annie-use-your-telescope',
    'bad-script',
    'amatic-sc',
    'lato',
    'open-sans',
    'merriweather',
    'lora',
    'pt-serif',
    'pt-mono',
    'anton',
    'bree-serif',
    'abel',
    'abril-fatface',
    'josefin-sans',
    'play',
  ],
  validation: ['short-stack', 'neucha', 'cabin', 'crimson-text', 'cousine', 'sniglet'],
  test: [
    'gloria-hallelujah',
    'rock-salt',
    'covered-by-your-grace',
    'nanum-pen-script',
    'permanent-marker',
    'swanky-and-moo-moo',
    'sue-ellen-francisco',
    'the-girl-next-door',
    'schoolbell',
    'mansalva',
    'caveat-brush',
    'comic-neue',
    'roboto',
    'noto-sans',
    'noto-serif',
    'ubuntu',
    'source-sans-3',
    'playfair-display',
    'libre-baskerville',
    'oswald',
    'raleway',
    'courier-prime',
    'inconsolata',
    'rokkitt',
    'arvo',
  ],
};

/** Fonts whose small letters are capitals, of which a D looks like a 0 and a T like a 7: only their capitals are taken. */
export const CAPITALS_ONLY = ['amatic-sc', 'rock-salt', 'permanent-marker'];

/** Letters that nobody reads as a digit, in any usual hand; `letters.ts` of `@digits/data` says why the others are left out. */
export const LETTERS = 'AEFHKLMNPRVWXdefhkmnprtvwx';

/** Signs that nobody reads as a digit. */
export const SYMBOLS = '#@%+=*~<"?€¥';
