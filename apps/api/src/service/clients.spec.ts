import { clientOfAddress, RecentClients } from './clients.ts';

describe('clientOfAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2'],
    ['[2001:db8::1]:443', '2001:db8:0:0'],
    ['[2001:db8::1]', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('takes %j for %j', (address, client) => {
    expect(clientOfAddress(address)).toBe(client);
  });
});

describe('RecentClients', () => {
  it('tells one client from several, and forgets those that send nothing for a second', () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    try {
      const recent = new RecentClients();
      for (let i = 0; i < 3; i++) recent.see('a');
      expect(recent.areSeveral).toBe(false);
      now.mockReturnValue(600);
      recent.see('b');
      expect(recent.areSeveral).toBe(true);
      now.mockReturnValue(1001);
      expect(recent.areSeveral).toBe(false);
      recent.see('a');
      expect(recent.areSeveral).toBe(true);
    } finally {
      now.mockRestore();
    }
  });
});
