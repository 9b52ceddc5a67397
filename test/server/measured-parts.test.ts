import t from 'tap'
import { CertificateError, type CertificateSource } from '../../src/certs/index.ts'
import type { Problem, Snapshot } from '../../src/inject/index.ts'
import { emptySnapshot } from '../../src/revisions/index.ts'
import { measuredParts } from '../../src/server/index.ts'

function parts(snapshot: Partial<Snapshot>, problems: readonly Problem[], ofBundles?: readonly Problem[]) {
  const none = (): never => {
    throw new CertificateError('certificate-not-loaded', 'none yet')
  }
  const certificates: Pick<CertificateSource, 'current' | 'overdueAtMs' | 'problem'> = {
    current: none,
    overdueAtMs: none,
    problem: () => undefined,
  }
  return measuredParts({
    cluster: {
      snapshot: () => ({ ...emptySnapshot, ...snapshot }),
      status: () => ({ synced: true, source: 'a test', staleForMs: 0, problems }),
    },
    certificates,
    caBundles: ofBundles && {
      good: () => true,
      status: () => ({ configurations: [], problems: ofBundles }),
    },
  })
}

t.test('a revision that active registrations call for has metrics even if it is not installed', async (t) => {
  const installed = { name: 'canary', namespace: 'istio-system', config: undefined }
  const { revisions } = parts(
    { revisions: new Map([['canary', installed]]), calledFor: new Set(['canary', 'gone']) },
    [],
  )
  t.match(
    [...revisions()],
    [
      { name: 'canary', config: undefined, current: false },
      { name: 'gone', config: undefined, current: false },
    ],
  )
  t.equal([...revisions()].length, 2)
})

t.test(
  'problems of the cluster and of the webhook configurations, with severities from the table of codes',
  async (t) => {
    const { problems } = parts(
      {},
      [
        { code: 'mesh-config-missing', message: 'revision a' },
        { code: 'tag-without-revision', message: 'tag b' },
        { code: 'a-text-of-somebody', message: 'c' },
      ],
      [{ code: 'ca-bundle-contested', message: 'd' }],
    )
    t.same(
      [...problems()],
      [
        { code: 'mesh-config-missing', severity: 'warning' },
        { code: 'tag-without-revision', severity: 'error' },
        { code: 'config-invalid', severity: 'error' },
        { code: 'ca-bundle-contested', severity: 'error' },
        { code: 'certificate-not-loaded', severity: 'error' },
      ],
      'a code of no table is never a label',
    )
  },
)
