import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import t from 'tap'
import {
  type AuthorityTexts,
  fileRenewalOverdueAtMs,
  ownRenewalOverdueAtMs,
  readAuthority,
  renewAtMs,
} from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'
import { issueLeaf, serviceNames } from '../../src/certs/leaf.ts'
import { makeAuthority } from '../../src/certs/make-authority.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const PLACE = 'Secret ns/ca'
const SERVICE = { namespace: 'ns', name: 'remora' }
const made = makeAuthority(NOW)
const also = makeAuthority(NOW)
const withTexts = (texts: object): AuthorityTexts => new Map([...made, ...Object.entries(texts)])

t.test('a generated CA is read back', async (t) => {
  const authority = readAuthority(made, PLACE, NOW)
  t.ok(authority)
  t.same(authority?.certificates, [made.get('ca.crt')])
  const ca = new X509Certificate(made.get('ca.crt') ?? '')
  t.equal(authority?.fingerprint, ca.fingerprint256)
  t.ok((authority?.notAfterMs ?? 0) > NOW + 9 * 365 * DAY_MS)
})

t.test('a Secret without a CA is not an error, whatever else it contains', async (t) => {
  for (const texts of [{}, { 'ca.crt': '', 'ca.key': ' \n' }, { 'tls.crt': 'x' }]) {
    t.equal(readAuthority(new Map(Object.entries(texts)), PLACE, NOW), undefined)
  }
})

t.test('a second CA is in the bundle until it expires', async (t) => {
  const old = issueAuthority({
    commonName: 'Remora CA',
    notBefore: new Date(NOW - 2 * DAY_MS),
    notAfter: new Date(NOW - DAY_MS),
  })
  const next = also.get('ca.crt') ?? ''
  t.same(readAuthority(withTexts({ 'other-ca.crt': next }), PLACE, NOW)?.certificates, [
    made.get('ca.crt'),
    next,
  ])
  t.same(
    readAuthority(withTexts({ 'other-ca.crt': old.certificate + next }), PLACE, NOW)?.certificates.length,
    2,
  )
})

t.test('of many further CAs only the first few are used, which is reported', async (t) => {
  // All of them would be in every caBundle, which has no space for a Secret full of them.
  const many = Array.from({ length: 6 }, () => makeAuthority(NOW).get('ca.crt') ?? '')
  const authority = readAuthority(withTexts({ 'other-ca.crt': many.join('') }), PLACE, NOW)
  t.same(authority?.certificates, [made.get('ca.crt'), ...many.slice(0, 3)])
  t.match(authority?.flaw, { code: 'authority-invalid', message: /other-ca\.crt .* holds 6 certificates/ })
})

t.test('invalid content is reported with place and cause, never with the key', async (t) => {
  const [certificate = '', key = ''] = [made.get('ca.crt'), made.get('ca.key')]
  const leaf = issueServing(
    { certificate, key },
    { commonName: 'x', names: ['x'], notBefore: new Date(NOW - 1000), notAfter: new Date(NOW + DAY_MS) },
  )
  const wrong: [object, RegExp][] = [
    [{ 'ca.key': '' }, /^ca\.crt of Secret ns\/ca is set and ca\.key of Secret ns\/ca is not/],
    [{ 'ca.crt': '' }, /^ca\.key of .* is set and ca\.crt of .* is not/],
    [{ 'ca.crt': 'nonsense' }, /ca\.crt of Secret ns\/ca contains no PEM certificate/],
    [{ 'ca.key': 'nonsense' }, /ca\.key of Secret ns\/ca contains no PEM private key/],
    [{ 'ca.key': also.get('ca.key') }, /is not the private key/],
    [{ 'ca.crt': leaf.certificate, 'ca.key': leaf.key }, /is no CA/],
  ]
  for (const [texts, message] of wrong) {
    const read = () => readAuthority(withTexts(texts), PLACE, NOW)
    t.throws(read, { code: 'authority-invalid', message, source: PLACE })
    t.notOk(messageOf(read).includes(key.slice(40, 80)))
  }
  t.throws(() => readAuthority(made, PLACE, NOW + 11 * 365 * DAY_MS), { code: 'authority-expired' })
})

t.test('an invalid second CA is left out and reported, and the first one signs', async (t) => {
  const next = also.get('ca.crt') ?? ''
  const leaf = issueServing(
    { certificate: made.get('ca.crt') ?? '', key: made.get('ca.key') ?? '' },
    { commonName: 'x', names: ['x'], notBefore: new Date(NOW - 1000), notAfter: new Date(NOW + DAY_MS) },
  )
  const wrong: [string, RegExp][] = [
    ['nonsense', /other-ca\.crt of .* contains no PEM/],
    [leaf.certificate, /other-ca\.crt of .* is no CA/],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /other-ca\.crt/],
  ]
  for (const [text, message] of wrong) {
    const authority = readAuthority(withTexts({ 'other-ca.crt': text + next }), PLACE, NOW)
    t.match(authority?.flaw, text === 'nonsense' ? undefined : { code: 'authority-invalid', message })
    t.same(authority?.certificates, [made.get('ca.crt'), next])
    const alone = readAuthority(withTexts({ 'other-ca.crt': text }), PLACE, NOW)
    t.match(alone?.flaw, { code: 'authority-invalid', message })
    t.same(alone?.certificates, [made.get('ca.crt')])
  }
})

function messageOf(run: () => unknown): string {
  try {
    run()
    return ''
  } catch (error) {
    return String(error)
  }
}

t.test('a leaf has the names of the Service and never outlives its CA', async (t) => {
  const authority = readAuthority(made, PLACE, NOW)
  if (authority === undefined) throw new Error('no CA')
  const leaf = issueLeaf(authority, { service: SERVICE, lifeMs: 3 * DAY_MS, nowMs: NOW })
  const certificate = new X509Certificate(leaf.pair.certificate)
  t.same(serviceNames(SERVICE), ['remora.ns.svc', 'remora.ns', 'remora.ns.svc.cluster.local'])
  for (const name of serviceNames(SERVICE)) t.ok(certificate.checkHost(name), name)
  t.ok(Math.abs(leaf.renewAtMs - (NOW + 2 * DAY_MS)) < 2_000, 'renewed after two thirds')
  const short = readAuthority(makeAuthority(NOW, DAY_MS), PLACE, NOW)
  if (short === undefined) throw new Error('no CA')
  const last = issueLeaf(short, { service: SERVICE, lifeMs: 3 * DAY_MS, nowMs: NOW })
  t.ok(last.pair.notAfterMs <= short.notAfterMs)
  t.equal(last.renewAtMs, Number.POSITIVE_INFINITY, 'another one would not live longer')
  t.throws(() => issueLeaf(short, { service: SERVICE, lifeMs: 1, nowMs: NOW + 2 * DAY_MS }), {
    code: 'authority-expired',
  })
})

t.test('a leaf that its CA did not sign is never served', async (t) => {
  const authority = readAuthority(made, PLACE, NOW)
  if (authority === undefined) throw new Error('no CA')
  const [certificate = '', key = ''] = [also.get('ca.crt'), made.get('ca.key')]
  const mixed = { ...authority, signer: { certificate, key } }
  t.throws(() => issueLeaf(mixed, { service: SERVICE, lifeMs: DAY_MS, nowMs: NOW }), {
    code: 'authority-invalid',
  })
})

t.test('the longest name that Kubernetes allows is accepted', async (t) => {
  const authority = readAuthority(made, PLACE, NOW)
  if (authority === undefined) throw new Error('no CA')
  const service = { namespace: 'n'.repeat(63), name: 's'.repeat(63) }
  const { pair } = issueLeaf(authority, { service, lifeMs: DAY_MS, nowMs: NOW })
  t.ok(new X509Certificate(pair.certificate).checkHost(serviceNames(service)[0] ?? ''))
})

t.test('renewal is due after two thirds of the lifetime, and at once if it is over', async (t) => {
  t.equal(renewAtMs({ issuedAtMs: 100, notAfterMs: 400 }), 300)
  t.equal(renewAtMs({ issuedAtMs: 100, notAfterMs: 50 }), 100)
})

t.test('renewal is overdue after five sixths; of files in the last sixth, 14 days at most', async (t) => {
  t.equal(ownRenewalOverdueAtMs({ issuedAtMs: 100, notAfterMs: 700 }), 600)
  t.equal(ownRenewalOverdueAtMs({ issuedAtMs: 100, notAfterMs: 50 }), 100)
  const files = (days: number) =>
    fileRenewalOverdueAtMs({ notBeforeMs: 0, notAfterMs: days * DAY_MS }) / DAY_MS
  t.equal(files(6), 5)
  t.equal(files(90), 76, 'a sixth would be 15 days')
  t.equal(files(3650), 3636)
})

t.test('an RSA key is refused with the expected type of key', async (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  t.throws(() => readAuthority(withTexts({ 'ca.key': key }), PLACE, NOW), { code: 'authority-invalid' })
})
