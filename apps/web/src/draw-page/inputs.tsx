import { type ChangeEvent, useEffect, useEffectEvent, useState } from 'react';
import { Button, buttonClass, Icon, type IconName } from '../components/button.tsx';
import styles from './draw-page.module.css';
import type { Tool } from './drawing-surface.tsx';

interface ToolbarProps {
  readonly tool: Tool;
  readonly onTool: (tool: Tool) => void;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canClear: boolean;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onClear: () => void;
}

/** What can be done to a drawing. */
export function Toolbar(props: ToolbarProps) {
  const { tool, onTool, canUndo, canRedo, canClear, onUndo, onRedo, onClear } = props;
  return (
    <div className={styles.toolbar} role="group" aria-label="Drawing tools">
      {(['pen', 'eraser'] as const).map((name) => (
        <Button
          key={name}
          look="quiet"
          icon={name}
          aria-pressed={tool === name}
          onClick={() => {
            onTool(name);
          }}
        >
          <span className={styles.toolWord}>{name === 'pen' ? 'Pen' : 'Eraser'}</span>
        </Button>
      ))}
      <span className={styles.gap} />
      <Button look="quiet" icon="undo" disabled={!canUndo} aria-keyshortcuts="Control+Z" onClick={onUndo}>
        <span className={styles.word}>Undo</span>
      </Button>
      <Button look="quiet" icon="redo" disabled={!canRedo} aria-keyshortcuts="Control+Shift+Z" onClick={onRedo}>
        <span className={styles.word}>Redo</span>
      </Button>
      <Button look="quiet" icon="clear" disabled={!canClear} onClick={onClear}>
        <span className={styles.word}>Clear</span>
      </Button>
    </div>
  );
}

/** Control or Command with Z undoes, with Shift and Z or with Y redoes, wherever the focus is. */
export function useUndoKeys(undo: () => void, redo: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) undo();
    else if (key === 'y' || (key === 'z' && event.shiftKey)) redo();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      onKey(event);
    };
    window.addEventListener('keydown', listener);
    return () => {
      window.removeEventListener('keydown', listener);
    };
  }, []);
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/** Writes a digit for whoever has no pointer, or wants to see first. */
export function Samples({ onSample }: { readonly onSample: (digit: number) => void }) {
  return (
    <div className={styles.samples} role="group" aria-labelledby="samples-title">
      <p id="samples-title">Or let it write one</p>
      <div className={styles.digits}>
        {DIGITS.map((digit) => (
          <button
            key={digit}
            type="button"
            aria-label={`Write a sample ${digit}`}
            onClick={() => {
              onSample(digit);
            }}
          >
            {digit}
          </button>
        ))}
      </div>
    </div>
  );
}

interface PictureInputProps {
  readonly onFile: (file: File) => void;
}

/** Opens a picture from a file or from a phone's camera. */
export function PictureInput({ onFile }: PictureInputProps) {
  return (
    <div className={styles.inputs}>
      <FileButton icon="picture" label="Open a picture" testId="upload" onFile={onFile} />
      <div className={styles.camera}>
        <FileButton icon="camera" label="Take a photo" testId="camera" fromCamera onFile={onFile} />
      </div>
      <p className={styles.others}>or drop it here, or paste it</p>
    </div>
  );
}

interface FileButtonProps extends PictureInputProps {
  readonly icon: IconName;
  readonly label: string;
  readonly testId: string;
  readonly fromCamera?: boolean;
}

function FileButton({ icon, label, testId, fromCamera = false, onFile }: FileButtonProps) {
  const choose = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const file = currentTarget.files?.[0];
    if (file !== undefined) onFile(file);
    // The same file chosen again counts as chosen.
    currentTarget.value = '';
  };
  return (
    <label className={buttonClass()}>
      <Icon name={icon} />
      {label}
      <input
        className="visually-hidden"
        type="file"
        accept="image/*"
        data-testid={testId}
        onChange={choose}
        {...(fromCamera ? { capture: 'environment' as const } : {})}
      />
    </label>
  );
}

/**
 * Takes files that are dropped anywhere on the page or pasted into it.
 *
 * @returns whether a file is held over the page
 */
export function useDroppedFiles(onFile: (file: File) => void): boolean {
  const [isOver, setIsOver] = useState(false);
  const take = useEffectEvent((files: FileList | undefined) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  });
  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    const holdsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    window.addEventListener('dragover', over, { signal });
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    window.addEventListener('dragleave', leave, { signal });
    const drop = (event: DragEvent) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      setIsOver(false);
      take(event.dataTransfer?.files);
    };
    window.addEventListener('drop', drop, { signal });
    const paste = (event: ClipboardEvent) => {
      take(event.clipboardData?.files);
    };
    window.addEventListener('paste', paste, { signal });
    return () => {
      listeners.abort();
    };
  }, []);
  return isOver;
}

/** How to draw without a pointer. */
export function KeyboardHelp() {
  return (
    <details className={styles.help}>
      <summary>Drawing with the keyboard</summary>
      <p id="drawing-keys">
        Move to the paper with <kbd>Tab</kbd>. The arrow keys move the pen (further with <kbd>Shift</kbd>),{' '}
        <kbd>Space</kbd> puts it down and lifts it, a digit&apos;s key writes a sample, <kbd>Backspace</kbd> undoes and{' '}
        <kbd>Delete</kbd> clears.
      </p>
    </details>
  );
}
