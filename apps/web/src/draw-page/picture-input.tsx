import type { ChangeEvent } from 'react';
import { buttonClass } from '../components/button.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import styles from './picture-input.module.css';

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
      <p className={styles.ways}>or drop it here, or paste it</p>
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
