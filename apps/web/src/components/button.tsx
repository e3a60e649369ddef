import type { ComponentProps } from 'react';
import styles from './button.module.css';
import { Icon, type IconName } from './icon.tsx';

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
