/** No file may import itself by way of others: `npm run cycles`. Who may import whom is ESLint's to say. */
module.exports = {
  forbidden: [{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } }],
  options: {
    includeOnly: '^(apps|libs|tools)/[^/]+/(src|server)/',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
