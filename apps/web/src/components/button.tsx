import type { ComponentProps } from 'react';
import styles from './button.module.css';

/** Outlines in a box of 24, drawn with a line of 1.75. */
const PATHS = {
  pen: 'M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19l-4 1Z M14.5 6.5l3 3',
  eraser: 'M9 20l-5-5a2 2 0 0 1 0-2.8L12.2 4a2 2 0 0 1 2.8 0l5 5a2 2 0 0 1 0 2.8L12 20 M8 8.2l7.8 7.8 M7 20h13',
  undo: 'M9 14L4 9l5-5 M4 9h9.5a5.5 5.5 0 0 1 0 11H9',
  redo: 'M15 14l5-5-5-5 M20 9h-9.5a5.5 5.5 0 0 0 0 11H15',
  clear: 'M4 7h16 M9 7V4h6v3 M6.5 7l1 13h9l1-13',
  picture: 'M4 5h16v14H4Z M4 16l4.5-4.5 4 4 2.5-2.5 5 5 M15 9.5h.01',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4Z M12 10a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8Z',
  close: 'M6 6l12 12 M18 6L6 18',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7L12 6.3 M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  shield: 'M12 3.5l7 2.5v5.5c0 4.4-2.9 7.6-7 9-4.1-1.4-7-4.6-7-9V6Z M9 12l2.2 2.2L15.2 10',
  play: 'M8 5l11 7-11 7Z',
  pause: 'M9 5v14 M15 5v14',
  stop: 'M6.5 6.5h11v11h-11Z',
  download: 'M12 4v11 M7.5 11L12 15.5l4.5-4.5 M5 20h14',
  open: 'M12 16V5 M7.5 9.5L12 5l4.5 4.5 M5 20h14',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** A small outline beside a word; it says nothing of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg width="20" height="20" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  readonly icon?: IconName;
  /** `main` for the one thing to do next, `quiet` for one of many. */
  readonly look?: 'plain' | 'main' | 'quiet';
}

/** A button with a word and, where it helps, a picture of it. */
export function Button({ icon, look = 'plain', className = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`${buttonClass(look)} ${className}`} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** The look of a button for what is none, such as the label of a file input. */
export function buttonClass(look: 'plain' | 'main' | 'quiet' = 'plain'): string {
  return `${styles.button} ${styles[look]}`;
}
