import { Button } from '../components/button.tsx';
import styles from './train-page.module.css';
import { useThreads } from './use-threads.ts';

/** How many threads training has here, and how it could have more. */
export function ThreadsNote() {
  const threads = useThreads();
  if (threads === null) return <p className={styles.note}>&nbsp;</p>;
  const { now, afterReload } = threads;
  return (
    <div className={styles.note} data-testid="threads" data-threads={now}>
      <p>
        Trains on {now === 1 ? '1 thread' : `${now} threads`} of this device.
        {now < afterReload && ` After a reload it can use ${afterReload}.`}
      </p>
      {now < afterReload && (
        <Button
          onClick={() => {
            location.reload();
          }}
        >
          Reload for {afterReload} threads
        </Button>
      )}
    </div>
  );
}
