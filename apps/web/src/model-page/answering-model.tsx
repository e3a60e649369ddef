'use client';

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { type OwnModel, readOwnModel } from '../own-model.ts';

// Few visitors have their own model.
const OwnModelPage = lazy(async () => ({ default: (await import('./own-model-page.tsx')).OwnModelPage }));

/** Shows the visitor's own model if it answers on the Draw page, else the bundled one. */
export function AnsweringModel({ children }: { readonly children: ReactNode }) {
  const [own, setOwn] = useState<OwnModel | null>(null);
  useEffect(() => {
    void readOwnModel().then(setOwn);
  }, []);
  if (own === null) return children;
  return (
    <Suspense fallback={children}>
      <OwnModelPage
        model={own}
        onForget={() => {
          setOwn(null);
        }}
      />
    </Suspense>
  );
}
