import { Button } from '../components/button.tsx';
import type { ReadDigit, Reading } from '../recognition/reading.ts';
import styles from './paper.module.css';
import type { OpenedPicture } from './use-reading.ts';

/** How a picture is read. */
export type PictureMode = 'one' | 'several';

interface PictureViewProps {
  readonly picture: OpenedPicture;
  readonly reading: Reading | null;
  readonly mode: PictureMode;
  readonly onMode: (mode: PictureMode) => void;
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  readonly onClose: () => void;
}

/** An opened picture with a box around every digit that was found. */
export function PictureView({ picture, reading, mode, onMode, selected, onSelect, onClose }: PictureViewProps) {
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
  return (
    <div className={styles.view} data-testid="picture" data-status={picture.status}>
      <div className={styles.picture}>
        <img src={picture.address} alt={`The picture that was opened: ${picture.name}`} />
        {picture.status === 'read' && reading !== null && (
          <Boxes
            width={picture.found.width}
            height={picture.found.height}
            digits={reading.digits}
            selected={selected}
            onSelect={onSelect}
          />
        )}
      </div>
      <div className={styles.bar}>
        <fieldset className={styles.modes}>
          <legend>Read as</legend>
          {(['one', 'several'] as const).map((each) => (
            <label key={each}>
              <input
                type="radio"
                name="picture-mode"
                checked={mode === each}
                onChange={() => {
                  onMode(each);
                }}
              />
              {each === 'one' ? 'one digit' : 'several'}
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
  readonly width: number;
  readonly height: number;
  readonly digits: readonly ReadDigit[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

function Boxes({ width, height, digits, selected, onSelect }: BoxesProps) {
  const line = Math.max(width, height) / 250;
  return (
    <svg className={styles.boxes} viewBox={`0 0 ${width} ${height}`} role="img" aria-label="Boxes around the digits">
      {digits.map(({ place, digit }, i) =>
        place === null ? null : (
          <g
            key={i}
            data-testid="digit-box"
            data-digit={digit ?? ''}
            data-selected={i === selected}
            onClick={() => {
              onSelect(i);
            }}
          >
            <rect
              x={place.x - line}
              y={place.y - line}
              width={place.width + 2 * line}
              height={place.height + 2 * line}
              rx={2 * line}
              strokeWidth={i === selected ? 2 * line : line}
            />
          </g>
        ),
      )}
    </svg>
  );
}
