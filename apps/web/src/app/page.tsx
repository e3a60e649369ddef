import { PageSection } from '../components/page-section.tsx';

/** The page at `/`. */
export default function DrawPage() {
  return <PageSection title="Draw" />;
}
