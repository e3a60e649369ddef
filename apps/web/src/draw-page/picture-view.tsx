import type { Reading } from '@digits/reader';
import { Button } from '../components/button.tsx';
import type { PictureReading } from '../workers/picture-worker.ts';
import styles from './paper.module.css';
import { describeReading } from './picture-remarks.ts';
import type { OpenedPicture } from './use-reading.ts';

interface PictureViewProps {
  readonly picture: OpenedPicture;
  /** How the picture is read; null before that is known. */
  readonly mode: Reading['mode'] | null;
  readonly onMode: (mode: Reading['mode']) => void;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  readonly onClose: () => void;
}

/** An opened picture with a box around every digit that was found. */
export function PictureView({ picture, mode, onMode, selected, onSelect, onClose }: PictureViewProps) {
  if (picture.status === 'refused') {
    return (
      <div className={styles.view} data-testid="picture-error" role="alert">
        <p className={styles.name}>{picture.name}</p>
        <p className={styles.message}>{picture.message}</p>
        <Button icon="pen" onClick={onClose}>
          Back to drawing
        </Button>
      </div>
    );
  }
  const remarks = picture.found === null ? [] : describeReading(picture.found.reading);
  return (
    <div className={styles.view} data-testid="picture" data-status={picture.status}>
      <div className={styles.picture}>
        <img src={picture.address} alt={`The picture that was opened: ${picture.name}`} />
        {picture.found !== null && <Boxes found={picture.found} selected={selected} onSelect={onSelect} />}
      </div>
      <div className={styles.bar}>
        {remarks.length > 0 && (
          <p className={styles.remarks} role="status" data-testid="remarks">
            {remarks.join(' ')}
          </p>
        )}
        <fieldset className={styles.modes}>
          <legend>Read as</legend>
          {(['single', 'multiple'] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="picture-mode"
                checked={mode === each}
                onChange={() => {
                  onMode(each);
                }}
              />
              {each === 'single' ? 'one digit' : 'several'}
            </label>
          ))}
        </fieldset>
        <Button look="quiet" icon="close" onClick={onClose}>
          Close picture
        </Button>
      </div>
    </div>
  );
}

interface BoxesProps {
  readonly found: PictureReading;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

function Boxes({ found: { width, height, reading }, selected, onSelect }: BoxesProps) {
  const line = Math.max(width, height) / 250;
  return (
    <svg className={styles.boxes} viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Boxes around the digits">
      {reading.digits.map(({ box, className }, i) => (
        <g
          key={i}
          data-testid="digit-box"
          data-class={className ?? ''}
          data-selected={i === selected}
          onClick={() => {
            onSelect(i);
          }}
        >
          <rect
            x={box.x - line}
            y={box.y - line}
            width={box.width + 2 * line}
            height={box.height + 2 * line}
            rx={2 * line}
            strokeWidth={i === selected ? 2 * line : line}
          />
        </g>
      ))}
    </svg>
  );
}
