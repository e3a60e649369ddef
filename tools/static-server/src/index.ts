export { contentPolicy, withPolicy } from './policy.ts';
export { headersFile, headersOf, type Headers } from './headers.ts';
export { compressSite, writePolicies } from './preparation.ts';
export { serveSite, type ServedSite, type SiteOptions } from './server.ts';
