import { useEffect, useEffectEvent, useState } from 'react';

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
