import type { Metadata } from 'next';
import { PageSection } from '../../components/page-section.tsx';

export const metadata: Metadata = { title: 'Train' };

/** The page at `/train/`. */
export default function TrainPage() {
  return <PageSection title="Train" />;
}
