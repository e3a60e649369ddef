import { Button } from '../components/button.tsx';
import type { Tool } from './drawing-surface.tsx';
import styles from './toolbar.module.css';

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
          {name === 'pen' ? 'Pen' : 'Eraser'}
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
