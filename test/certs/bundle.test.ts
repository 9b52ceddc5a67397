import t from 'tap'
import { bundleHolds, bundleVerifies, mergeBundle, splitCertificates } from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const validity = (days: number) => ({
  notBefore: new Date(NOW - 30 * DAY_MS),
  notAfter: new Date(NOW + days * DAY_MS),
})
const ca = (commonName = 'A', days = 10) => issueAuthority({ commonName, ...validity(days) })
const [one, two, other, old] = [ca(), ca(), ca('B'), ca('A', -1)]

t.test('certificates are taken apart, whatever stands between them', async (t) => {
  const text = `comment\r\n${one.certificate.replaceAll('\n', '\r\n')}junk${two.certificate}`
  t.same(splitCertificates(text), [one.certificate, two.certificate])
  t.same(splitCertificates('-----BEGIN CERTIFICATE-----'), [])
})

t.test('a bundle holds what is in it, in any order and form', async (t) => {
  const bundle = two.certificate + one.certificate
  t.ok(bundleHolds(bundle, [one.certificate]))
  t.ok(bundleHolds(bundle, [one.certificate, two.certificate]))
  t.notOk(bundleHolds(one.certificate, [one.certificate, two.certificate]))
  t.notOk(bundleHolds('', [one.certificate]))
  t.notOk(bundleHolds('bm9uc2Vuc2U=', [one.certificate]))
  t.notOk(bundleHolds(bundle, ['nonsense']), 'what cannot be read is held by nothing')
})

t.test('a merged bundle keeps valid CAs of the same name, and no others', async (t) => {
  const leaf = issueServing(one, { commonName: 'A', names: ['a'], ...validity(1) })
  const present = [one, two, two, other, old, leaf].map(({ certificate }) => certificate).join('')
  t.equal(mergeBundle([one.certificate], present, { nowMs: NOW }), one.certificate + two.certificate)
  const many = Array.from({ length: 6 }, () => ca().certificate).join('')
  t.equal(splitCertificates(mergeBundle([one.certificate], many, { nowMs: NOW })).length, 4)
  t.equal(mergeBundle([one.certificate], 'nonsense', { nowMs: NOW }), one.certificate)
})

t.test('a bundle verifies what its CAs signed, and nothing that only bears their name', async (t) => {
  const leaf = issueServing(one, { commonName: 'leaf', names: ['a'], ...validity(1) }).certificate
  t.ok(bundleVerifies([two.certificate, one.certificate], leaf))
  t.notOk(bundleVerifies([two.certificate], leaf))
  t.notOk(bundleVerifies([], leaf))
  t.notOk(bundleVerifies([one.certificate], ''))
  t.ok(bundleVerifies([leaf], leaf), 'a certificate that is its own CA')
  t.notOk(bundleVerifies([two.certificate], leaf + one.certificate), 'a chain to somebody else')
  t.ok(bundleVerifies([one.certificate], leaf + one.certificate), 'a chain that brings its CA along')
})
