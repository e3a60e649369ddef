const preset = require('../../jest.preset.js');

module.exports = {
  ...preset,
  displayName: 'charts',
  // ECharts and what it needs are ES modules, which Jest has to turn into its own.
  transformIgnorePatterns: ['/node_modules/(?!(echarts|zrender|tslib)/)'],
};
