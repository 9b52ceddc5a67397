import t from 'tap'
import {
  bundleHolds,
  bundleVerifies,
  mergeBundle,
  splitCertificates,
  validUntilMs,
} from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const validity = (days: number) => ({
  notBefore: new Date(NOW - 30 * DAY_MS),
  notAfter: new Date(NOW + days * DAY_MS),
})
const ca = (commonName = 'A', days = 10) => issueAuthority({ commonName, ...validity(days) })
const [one, two, other, old] = [ca(), ca(), ca('B'), ca('A', -1)]

t.test('certificates are split, whatever is between them', async (t) => {
  const text = `comment\r\n${one.certificate.replaceAll('\n', '\r\n')}junk${two.certificate}`
  t.same(splitCertificates(text), [one.certificate, two.certificate])
  t.same(splitCertificates('-----BEGIN CERTIFICATE-----'), [])
})

t.test('a bundle contains its certificates, in any order and form', async (t) => {
  const bundle = two.certificate + one.certificate
  t.ok(bundleHolds(bundle, [one.certificate]))
  t.ok(bundleHolds(bundle, [one.certificate, two.certificate]))
  t.notOk(bundleHolds(one.certificate, [one.certificate, two.certificate]))
  t.notOk(bundleHolds('', [one.certificate]))
  t.notOk(bundleHolds('bm9uc2Vuc2U=', [one.certificate]))
  t.notOk(bundleHolds(bundle, ['nonsense']), 'what cannot be read is held by nothing')
})

/** Like those of cert-manager's self-signed issuers: it may not sign, and clients trust it directly. Valid until 2126. */
const SELF_SIGNED = `-----BEGIN CERTIFICATE-----
MIIBozCCAUmgAwIBAgIUaecve139b0yfRv0j93xi2KQNd5kwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKaXRzIG93biBDQTAgFw0yNjExMjkxODUyNDFaGA8yMTI2MTEw
NTE4NTI0MVowFTETMBEGA1UEAwwKaXRzIG93biBDQTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABNqyOY8lB+nDQQLMpS/CWjSdCdrM5Pin+7CECRY+viHRr6CMx7cs
tRAnV9SiC32z5O/83t/yGv0V2fSLmSNRnxSjdTBzMB0GA1UdDgQWBBQZ3P8XeHmO
C3+ErRoFYdtr2mioGzAfBgNVHSMEGDAWgBQZ3P8XeHmOC3+ErRoFYdtr2mioGzAO
BgNVHQ8BAf8EBAMCB4AwDAYDVR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcD
ATAKBggqhkjOPQQDAgNIADBFAiEAimKskqeCwfb3m+2C1EAaVA0/hkG9P9MazTfE
tL9yJmgCIHIxRY3Jm150Zx1+h+uZKcRsctmah9WbeoiNt21c62Zr
-----END CERTIFICATE-----
`

t.test('a merged bundle keeps what clients trusted before and is valid', async (t) => {
  const leaf = issueServing(one, { commonName: 'A', names: ['a'], ...validity(1) })
  const present = [one, two, two, other, old, leaf].map(({ certificate }) => certificate).join('')
  const merged = mergeBundle([one.certificate], present, { nowMs: NOW })
  t.equal(merged, one.certificate + two.certificate + other.certificate)
  t.equal(mergeBundle([one.certificate], SELF_SIGNED, { nowMs: NOW }), one.certificate + SELF_SIGNED)
  t.equal(mergeBundle([one.certificate], 'nonsense', { nowMs: NOW }), one.certificate)
})

t.test('a merged bundle has a size limit, and CAs of the same name are dropped last', async (t) => {
  const [strangers, namesake] = [Array.from({ length: 6 }, () => ca('B').certificate), two.certificate]
  const merged = splitCertificates(
    mergeBundle([one.certificate], [...strangers, namesake].join(''), { nowMs: NOW }),
  )
  t.same(merged, [one.certificate, namesake, ...strangers.slice(0, 2)])
})

t.test('the expiry of a bundle is that of its longest valid CA', async (t) => {
  const leaf = issueServing(one, { commonName: 'A', names: ['a'], ...validity(50) }).certificate
  const end = Math.floor((NOW + 20 * DAY_MS) / 1000) * 1000
  t.equal(validUntilMs([one.certificate, ca('C', 20).certificate, old.certificate, leaf], NOW), end)
  t.equal(validUntilMs([old.certificate, leaf, 'nonsense'], NOW), undefined)
})

t.test('a bundle verifies certificates that its CAs signed, and none that only name them', async (t) => {
  const leaf = issueServing(one, { commonName: 'leaf', names: ['a'], ...validity(1) }).certificate
  t.ok(bundleVerifies([two.certificate, one.certificate], leaf))
  t.notOk(bundleVerifies([two.certificate], leaf))
  t.notOk(bundleVerifies([], leaf))
  t.notOk(bundleVerifies([one.certificate], ''))
  t.ok(bundleVerifies([leaf], leaf), 'a certificate that is its own CA')
  t.notOk(bundleVerifies([two.certificate], leaf + one.certificate), 'a chain to a different CA')
  t.ok(bundleVerifies([one.certificate], leaf + one.certificate), 'a chain that brings its CA along')
})
