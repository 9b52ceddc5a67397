import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  CertificateError,
  type CertificateEvent,
  certificateProblems,
  checkPair,
  createCertificateSource,
  developmentFiles,
  ensureDevelopmentCertificates,
  type IssuedPair,
} from '../../src/certs/index.ts'
import { issueAuthority, issueServing } from '../../src/certs/issue.ts'
import { waitUntil } from '../wait-until.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const NAMES = { certificate: 'tls.crt', key: 'tls.key' }

function validFor(days: number) {
  return { notBefore: new Date(NOW - 30 * DAY_MS), notAfter: new Date(NOW + days * DAY_MS) }
}

function pairFor(commonName: string, days = 5): IssuedPair {
  const validity = validFor(days)
  const authority = issueAuthority({ commonName: 'CA', ...validity })
  return issueServing(authority, { commonName, names: ['localhost', '::1'], ...validity })
}

async function store(folder: string, pair: { readonly certificate: string; readonly key: string }) {
  await writeFile(join(folder, 'tls.crt'), pair.certificate)
  await writeFile(join(folder, 'tls.key'), pair.key)
}

t.test('a serving certificate satisfies the requirements of TLS clients and RFC 5280', async (t) => {
  const validity = { notBefore: new Date(NOW - DAY_MS), notAfter: new Date(NOW + DAY_MS) }
  const authority = issueAuthority({ commonName: 'the CA', ...validity })
  const issued = issueServing(authority, {
    commonName: 'server',
    names: ['a.svc', '127.0.0.1', '::1'],
    ...validity,
  })
  const [ca, leaf] = [new X509Certificate(authority.certificate), new X509Certificate(issued.certificate)]
  t.ok(ca.ca)
  t.notOk(leaf.ca)
  t.ok(leaf.verify(ca.publicKey))
  t.ok(leaf.checkIssued(ca))
  t.equal(leaf.publicKey.asymmetricKeyType, 'ec')
  t.same(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  t.ok(leaf.checkHost('a.svc') && leaf.checkIP('127.0.0.1') && leaf.checkIP('::1'))
  t.notOk(leaf.checkHost('b.svc'))
  t.equal(Date.parse(leaf.validTo), Math.floor(validity.notAfter.getTime() / 1000) * 1000)
  t.not(leaf.serialNumber, new X509Certificate(pairFor('x').certificate).serialNumber)
})

t.test('a pair is validated before it is used', async (t) => {
  const [one, two] = [pairFor('one'), pairFor('two')]
  t.match(checkPair(one, NAMES), { certificate: one.certificate, notAfterMs: Number })
  const wrong: [object, string][] = [
    [{ ...one, key: two.key }, 'certificate-key-mismatch'],
    [{ ...one, certificate: 'nonsense' }, 'certificate-invalid'],
    [{ ...one, key: '' }, 'certificate-key-invalid'],
    [{ ...one, clientCa: 'nonsense' }, 'client-ca-invalid'],
  ]
  // Each row is a pair's texts, one of them wrong.
  for (const [texts, code] of wrong) t.throws(() => checkPair(texts as typeof one, NAMES), { code })
})

t.test('development certificates are created and renewed', async (t) => {
  t.test('they are created once, with keys that only the owner can read', async (t) => {
    const directory = join(t.testdir(), 'certs')
    const files = await ensureDevelopmentCertificates({ directory, nowMs: NOW })
    const first = await readFile(files.certificateFile, 'utf8')
    t.equal((await stat(files.keyFile)).mode & 0o777, 0o600)
    t.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600)
    t.same(
      (await readdir(directory)).sort(),
      ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'],
      'nothing else is left',
    )
    await ensureDevelopmentCertificates({ directory, nowMs: NOW + 30 * DAY_MS })
    t.equal(await readFile(files.certificateFile, 'utf8'), first)
    const leaf = new X509Certificate(first)
    for (const name of ['localhost', 'remora.istio-system.svc']) t.ok(leaf.checkHost(name), name)
  })

  t.test('they are renewed before they expire, by the same CA while it is valid', async (t) => {
    const directory = t.testdir()
    const files = developmentFiles(directory)
    const read = async () => [
      await readFile(files.caFile, 'utf8'),
      await readFile(files.certificateFile, 'utf8'),
    ]
    await ensureDevelopmentCertificates({ directory, nowMs: NOW })
    const [ca, leaf] = await read()
    await ensureDevelopmentCertificates({ directory, nowMs: NOW + 61 * DAY_MS })
    const [ca2, leaf2] = await read()
    t.equal(ca2, ca)
    t.not(leaf2, leaf)
    await ensureDevelopmentCertificates({ directory, nowMs: NOW + 600 * DAY_MS })
    const [ca3, leaf3] = await read()
    t.not(ca3, ca)
    t.ok(new X509Certificate(leaf3 ?? '').verify(new X509Certificate(ca3 ?? '').publicKey))
  })

  t.test('they are created again if they are invalid, mismatched or for a different name', async (t) => {
    const directory = t.testdir()
    const files = await ensureDevelopmentCertificates({ directory, nowMs: NOW })
    await writeFile(files.keyFile, pairFor('other').key)
    await ensureDevelopmentCertificates({ directory, nowMs: NOW, names: ['10.1.2.3'] })
    const [certificate, key] = await Promise.all(
      [files.certificateFile, files.keyFile].map((f) => readFile(f, 'utf8')),
    )
    checkPair({ certificate: certificate ?? '', key: key ?? '' }, NAMES)
    t.ok(new X509Certificate(certificate ?? '').checkIP('10.1.2.3'))
    await rm(files.caFile)
    await ensureDevelopmentCertificates({ directory, nowMs: NOW })
    t.ok((await stat(files.caFile)).size > 0)
  })

  t.test('several processes that start in one folder use the same certificates', async (t) => {
    const directory = join(t.testdir(), 'certs')
    await Promise.all(
      Array.from({ length: 5 }, () => ensureDevelopmentCertificates({ directory, nowMs: NOW })),
    )
    const [certificate, key, ca] = await Promise.all(
      ['tls.crt', 'tls.key', 'ca.crt'].map((name) => readFile(join(directory, name), 'utf8')),
    )
    checkPair({ certificate: certificate ?? '', key: key ?? '' }, NAMES)
    t.ok(new X509Certificate(certificate ?? '').verify(new X509Certificate(ca ?? '').publicKey))
  })

  t.test('a lock left behind by a dead process does not block forever', async (t) => {
    const directory = t.testdir({ '.lock': '' })
    await utimes(join(directory, '.lock'), new Date(NOW - 60_000), new Date(NOW - 60_000))
    await ensureDevelopmentCertificates({ directory, nowMs: NOW })
    t.ok((await readdir(directory)).includes('tls.crt'))
  })

  t.test('a folder that cannot be created is reported with a clear error', async (t) => {
    const file = join(t.testdir({ file: '' }), 'file', 'certs')
    await t.rejects(ensureDevelopmentCertificates({ directory: file, nowMs: NOW }), {
      code: 'certificate-directory',
      message: /--cert-dir.*--tls-cert-file/,
    })
  })
})

t.test('certificate files are reloaded when they change', async (t) => {
  async function follow(folder: string) {
    const source = createCertificateSource({
      certificateFile: join(folder, 'tls.crt'),
      keyFile: join(folder, 'tls.key'),
      intervalMs: 3_600_000,
    })
    const events: CertificateEvent[] = []
    source.onEvent((event) => events.push(event))
    await source.start(new AbortController().signal)
    t.teardown(() => source.close())
    return { source, events }
  }

  t.test('a new pair is swapped in once, also through the links of a mounted Secret', async (t) => {
    const folder = t.testdir({ one: {}, two: {} })
    await store(join(folder, 'one'), pairFor('one'))
    await store(join(folder, 'two'), pairFor('two'))
    const mounted = join(folder, 'data')
    await symlink('one', mounted)
    const { source, events } = await follow(mounted)
    const before = source.current()
    await source.refresh()
    t.same(events, [])
    await rm(mounted)
    await symlink('two', mounted)
    await source.refresh()
    await source.refresh()
    t.match(events, [{ kind: 'swapped' }])
    t.not(source.current().certificate, before.certificate)
  })

  t.test('a volume that swaps its data atomically never shows an incomplete pair', async (t) => {
    const folder = t.testdir({ v0: {}, v1: {} })
    const authority = issueAuthority({ commonName: 'CA', ...validFor(5) })
    const versions = [0, 1].map((version) => {
      const names = { commonName: `v${version}`, names: ['localhost'], ...validFor(5) }
      return issueServing(authority, names)
    })
    for (const [version, pair] of versions.entries()) await store(join(folder, `v${version}`), pair)
    await symlink('v0', join(folder, '..data'))
    for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(folder, name))
    const { source, events } = await follow(folder)
    for (let i = 1; i <= 60; i++) {
      const looking = source.refresh()
      await symlink(`v${i % 2}`, join(folder, '..data_tmp'))
      await rename(join(folder, '..data_tmp'), join(folder, '..data'))
      await looking
    }
    await source.refresh()
    t.same(
      events.filter(({ kind }) => kind !== 'swapped'),
      [],
    )
    t.equal(source.current().certificate, versions[0]?.certificate)
  })

  t.test(
    'the CA file is the bundle; if it does not verify the pair, the exchange is incomplete',
    async (t) => {
      const folder = t.testdir()
      const validity = validFor(5)
      const authority = issueAuthority({ commonName: 'CA', ...validity })
      const other = issueAuthority({ commonName: 'CA', ...validity })
      const names = { commonName: 'one', names: ['localhost'], ...validity }
      await store(folder, issueServing(authority, names))
      const caFile = join(folder, 'ca.crt')
      await writeFile(caFile, authority.certificate)
      const source = createCertificateSource({
        certificateFile: join(folder, 'tls.crt'),
        keyFile: join(folder, 'tls.key'),
        caFile,
        intervalMs: 3_600_000,
      })
      const events: CertificateEvent[] = []
      source.onEvent((event) => events.push(event))
      t.same(source.bundle(), [])
      await source.start(new AbortController().signal)
      t.teardown(() => source.close())
      t.same(source.bundle(), [authority.certificate])
      const next = issueServing(other, names)
      await store(folder, next)
      await source.refresh()
      t.match(source.problem(), { code: 'certificate-ca-mismatch' })
      t.not(source.current().certificate, next.certificate)
      t.same(source.bundle(), [authority.certificate])
      await writeFile(caFile, other.certificate)
      await source.refresh()
      t.equal(source.problem(), undefined)
      t.equal(source.current().certificate, next.certificate)
      t.same(source.bundle(), [other.certificate])
      t.same(
        events.map(({ kind }) => kind),
        ['bundle', 'kept', 'swapped', 'bundle'],
      )
    },
  )

  t.test('a pair of a new CA is served once caBundles had time to include that CA', async (t) => {
    const folder = t.testdir()
    const names = { commonName: 'one', names: ['localhost'], ...validFor(5) }
    const [before, after] = [1, 2].map((n) => issueAuthority({ commonName: `CA ${n}`, ...validFor(5) }))
    if (before === undefined || after === undefined) throw new Error('no CA')
    const [certificateFile, keyFile, caFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) =>
      join(folder, name),
    )
    const write = async (authority: IssuedPair) => {
      const pair = issueServing(authority, names)
      await store(folder, pair)
      await writeFile(join(folder, 'ca.crt'), authority.certificate)
      return pair
    }
    const first = await write(before)
    const source = createCertificateSource({
      ...{ certificateFile: certificateFile ?? '', keyFile: keyFile ?? '', caFile },
      ...{ intervalMs: 3_600_000, handoverMs: 60 },
    })
    const kinds: string[] = []
    source.onEvent(({ kind }) => kinds.push(kind))
    await source.start(new AbortController().signal)
    t.teardown(() => source.close())

    const renewed = await write(before)
    await source.refresh()
    t.equal(source.current().certificate, renewed.certificate, 'clients trust its CA already')
    t.not(renewed.certificate, first.certificate)

    const next = await write(after)
    await source.refresh()
    t.equal(source.current().certificate, renewed.certificate, 'not yet')
    t.same(source.bundle(), [after.certificate, before.certificate], 'clients are to trust both')
    await waitUntil('the new pair', () => source.current().certificate === next.certificate)
    t.same(source.bundle(), [after.certificate])
    t.same(kinds, ['bundle', 'swapped', 'bundle', 'swapped', 'bundle'])
  })

  t.test('a pair that ends soon does not wait for its successor to be trusted', async (t) => {
    const folder = t.testdir()
    const soon = { notBefore: new Date(NOW - DAY_MS), notAfter: new Date(NOW - 1_000) }
    const names = { commonName: 'one', names: ['localhost'] }
    const [before, after] = [1, 2].map((n) => issueAuthority({ commonName: `CA ${n}`, ...validFor(5) }))
    if (before === undefined || after === undefined) throw new Error('no CA')
    const [certificateFile, keyFile, caFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) =>
      join(folder, name),
    )
    await store(folder, issueServing(before, { ...names, ...soon }))
    await writeFile(join(folder, 'ca.crt'), before.certificate)
    const source = createCertificateSource({
      ...{ certificateFile: certificateFile ?? '', keyFile: keyFile ?? '', caFile },
      ...{ intervalMs: 3_600_000, handoverMs: 3_600_000 },
    })
    await source.start(new AbortController().signal)
    t.teardown(() => source.close())
    t.match(certificateProblems(source, Date.now()), [{ code: 'certificate-expired' }])
    const next = issueServing(after, { ...names, ...validFor(30) })
    await store(folder, next)
    await writeFile(join(folder, 'ca.crt'), after.certificate)
    await source.refresh()
    t.equal(source.current().certificate, next.certificate)
    t.same(certificateProblems(source, Date.now()), [])
    const overdueAtMs = Math.floor((NOW + 30 * DAY_MS) / 1000) * 1000 - 10 * DAY_MS
    t.ok(Math.abs(source.overdueAtMs() - overdueAtMs) < 2_000, 'a sixth of its life before the end')
  })

  t.test('a pair that does not match, parse or exist leaves the old one, and is reported once', async (t) => {
    const folder = t.testdir()
    await store(folder, pairFor('one'))
    const { source, events } = await follow(folder)
    const before = source.current()
    await writeFile(join(folder, 'tls.key'), pairFor('two').key)
    await source.refresh()
    await source.refresh()
    t.equal(source.current(), before)
    t.match(events, [{ kind: 'kept', error: { code: 'certificate-key-mismatch' } }])
    t.match(source.problem(), { code: 'certificate-key-mismatch' })
    await rm(join(folder, 'tls.crt'))
    await source.refresh()
    t.match(source.problem(), { code: 'certificate-unreadable' })
    await store(folder, pairFor('three'))
    await source.refresh()
    t.equal(source.problem(), undefined)
    t.match(events.at(-1), { kind: 'swapped' })
  })

  t.test('an expired pair does not replace a good one', async (t) => {
    const folder = t.testdir()
    await store(folder, pairFor('one'))
    const { source } = await follow(folder)
    await store(folder, pairFor('old', -1))
    await source.refresh()
    t.match(source.problem(), { code: 'certificate-expired' })
  })

  t.test('a certificate that is not valid yet waits while the one in use is valid', async (t) => {
    const folder = t.testdir()
    const authority = issueAuthority({ commonName: 'CA', ...validFor(30) })
    const names = { commonName: 'x', names: ['localhost'] }
    const first = issueServing(authority, { ...names, ...validFor(5) })
    await store(folder, first)
    const { source } = await follow(folder)
    const notBefore = new Date(NOW + DAY_MS)
    const next = issueServing(authority, { ...names, ...validFor(30), notBefore })
    await store(folder, next)
    await source.refresh()
    t.equal(source.current().certificate, first.certificate)
    t.match(source.problem(), { code: 'certificate-not-yet-valid' })
    const other = issueServing(authority, { ...names, ...validFor(30) })
    await store(folder, other)
    await source.refresh()
    t.equal(source.current().certificate, other.certificate)
    t.equal(source.problem(), undefined)
  })

  t.test('the start fails if the files are invalid', async (t) => {
    const folder = t.testdir()
    await mkdir(join(folder, 'empty'))
    await t.rejects(follow(join(folder, 'empty')), CertificateError)
    await store(folder, { ...pairFor('one'), key: 'nonsense' })
    await t.rejects(follow(folder), { code: 'certificate-key-invalid', source: join(folder, 'tls.key') })
    const source = createCertificateSource({ certificateFile: 'a', keyFile: 'b' })
    t.throws(() => source.current(), { code: 'certificate-not-loaded' })
  })

  t.test('files are polled until the source is closed', async (t) => {
    const folder = t.testdir()
    await store(folder, pairFor('one'))
    const stop = new AbortController()
    const source = createCertificateSource({
      certificateFile: join(folder, 'tls.crt'),
      keyFile: join(folder, 'tls.key'),
      intervalMs: 10,
    })
    await source.start(stop.signal)
    const next = pairFor('two')
    await store(folder, next)
    await waitUntil('the new pair', () => source.current().certificate === next.certificate)
    stop.abort()
  })
})
