import type { Metadata } from 'next';
import { PageSection } from '../../components/page-section.tsx';

export const metadata: Metadata = { title: 'Model' };

/** The page at `/model/`. */
export default function ModelPage() {
  return <PageSection title="Model" />;
}
