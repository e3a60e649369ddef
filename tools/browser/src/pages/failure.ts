export function run(): never {
  console.log('about to fail');
  throw new Error('meant to fail');
}
