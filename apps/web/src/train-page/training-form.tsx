import type { PresetName } from '@digits/model';
import { type SubmitEvent, useState } from 'react';
import { Button } from '../components/button.tsx';
import { wholeNumber } from '../components/figures.ts';
import type { PageRequest } from '../training/training-run.ts';
import styles from './train-page.module.css';

/** What a visitor chooses a preset by. */
export interface PresetFacts {
  readonly name: PresetName;
  readonly title: string;
  readonly description: string;
  readonly parameters: number;
  readonly epochs: number;
  readonly seed: number;
}

interface TrainingFormProps {
  readonly presets: readonly PresetFacts[];
  /** What was trained before, to begin with. */
  readonly latest: PageRequest | null;
  readonly onStart: (request: PageRequest) => void;
}

/** Chooses what is trained. */
export function TrainingForm({ presets, latest, onStart }: TrainingFormProps) {
  const [chosen, setChosen] = useState(presets.find(({ name }) => name === latest?.preset) ?? presets[0]);
  const [epochs, setEpochs] = useState(String(latest?.settings.epochs ?? presets[0].epochs));
  const [seed, setSeed] = useState(String(latest?.settings.seed ?? presets[0].seed));
  const start = (event: SubmitEvent) => {
    event.preventDefault();
    onStart({ preset: chosen.name, settings: { seed: Number(seed), epochs: Number(epochs) } });
  };
  return (
    <form className={styles.form} onSubmit={start}>
      <fieldset className={styles.presets}>
        <legend>What to train</legend>
        {presets.map((preset) => (
          <label key={preset.name} className={styles.preset}>
            <input
              type="radio"
              name="preset"
              value={preset.name}
              checked={preset === chosen}
              onChange={() => {
                setChosen(preset);
                setEpochs(String(preset.epochs));
              }}
            />
            <span>
              <strong>{preset.title}</strong> <code>{preset.name}</code>
              <span className={styles.description}>{preset.description}</span>
              <span className={styles.facts}>
                {wholeNumber(preset.parameters)} weights, {preset.epochs} epochs
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className={styles.numbers}>
        <NumberField
          label="Epochs"
          hint="times through all images"
          value={epochs}
          min={1}
          max={1000}
          onValue={setEpochs}
        />
        <NumberField
          label="Seed"
          hint="decides every random number"
          value={seed}
          min={0}
          max={2 ** 32 - 1}
          onValue={setSeed}
        />
      </div>
      <Button look="main" type="submit" data-testid="start">
        Start training
      </Button>
    </form>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly min: number;
  readonly max: number;
  readonly onValue: (value: string) => void;
}

function NumberField({ label, hint, value, min, max, onValue }: NumberFieldProps) {
  return (
    <label className={styles.number}>
      <span>{label}</span>
      <input
        type="number"
        name={label.toLowerCase()}
        inputMode="numeric"
        required
        step={1}
        min={min}
        max={max}
        value={value}
        onChange={({ currentTarget }) => {
          onValue(currentTarget.value);
        }}
      />
      <span className={styles.hint}>{hint}</span>
    </label>
  );
}
