import t from 'tap'
import { sourceOf } from '../../src/server/source-address.ts'

t.test('an IPv4 address is one client, however it is written', async (t) => {
  t.equal(sourceOf('10.1.2.3'), '10.1.2.3')
  t.equal(sourceOf('::ffff:10.1.2.3'), '10.1.2.3')
})

t.test('an IPv6 /64 network is one client, since a host may use all of it', async (t) => {
  const same = ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:0DB8:0000:0001:0:0:0:3']
  for (const address of same) t.equal(sourceOf(address), '2001:db8:0:1::/64', address)
  t.equal(sourceOf('2001:db8::1'), '2001:db8:0:0::/64')
  t.equal(sourceOf('::1'), '0:0:0:0::/64')
  t.equal(sourceOf('fe80::1%eth0'), 'fe80:0:0:0::/64')
  t.not(sourceOf('2001:db8:0:2::1'), '2001:db8:0:1::/64')
})

t.test('a value that is not an address is used unchanged', async (t) => {
  t.equal(sourceOf('nonsense'), 'nonsense')
})
