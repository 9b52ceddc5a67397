/** Misspelt names are found, and known and unrelated names are not reported. */
import fc from 'fast-check'
import t from 'tap'
import {
  knownAnnotations,
  knownLabels,
  looksLikeIstio,
  namespaceLabels,
  nearestName,
  podLabels,
  sidecarAnnotations,
} from '../../src/istio/index.ts'
import { editDistance } from '../../src/nearest-name.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-'

type Edit = readonly ['leave out' | 'add' | 'change' | 'exchange', number, number]
const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom('leave out', 'add', 'change', 'exchange'),
  fc.nat(60),
  fc.nat(LETTERS.length - 1),
)

function edited(name: string, [what, place, letter]: Edit): string {
  const at = place % name.length
  const [before, after, drawn] = [name.slice(0, at), name.slice(at + 1), LETTERS[letter]]
  if (what === 'leave out') return before + after
  if (what === 'add') return before + drawn + name.slice(at)
  if (what === 'change') return before + drawn + after
  return (
    before +
    name
      .slice(at, at + 2)
      .split('')
      .reverse()
      .join('') +
    name.slice(at + 2)
  )
}

t.test('one edit of an annotation leads back to it, or to one equally close', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...sidecarAnnotations), edit, (name, one) => {
      const wrong = edited(name, one)
      const found = nearestName(wrong, sidecarAnnotations)
      return (
        looksLikeIstio(wrong) &&
        found !== undefined &&
        (found === name || editDistance(wrong.toLowerCase(), found.toLowerCase(), 2) <= 1)
      )
    }),
    { numRuns: 1_000, seed: 11 },
  )
})

t.test('two edits of a name that is not short are found too', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...sidecarAnnotations), edit, edit, (name, one, other) => {
      const wrong = edited(edited(name, one), other)
      // Two edits at one place may be more than two by the definition.
      fc.pre(name.length - name.indexOf('/') > 5 && editDistance(wrong, name, 2) <= 2)
      return nearestName(wrong, sidecarAnnotations) !== undefined
    }),
    { numRuns: 1_000, seed: 12 },
  )
})

t.test('names of other domains, and names that stand alone, are not compared', async (t) => {
  const everyday = [
    'app',
    'version',
    'prometheus.io/scrape',
    'prometheus.io/port',
    'app.kubernetes.io/name',
    'kubectl.kubernetes.io/restartedAt',
    'linkerd.io/inject',
    'helm.sh/chart',
    'argoproj.io/hook',
    'kiali.io/dashboards',
    'vault.hashicorp.com/agent-inject',
    'k8s.v1.cni.cncf.io/networks',
    'a.b/c',
    '/',
    './',
    '',
    `sidecar.istio.io/${'x'.repeat(100_000)}`,
  ]
  for (const name of everyday) t.equal(looksLikeIstio(name), false, name.slice(0, 60))
  for (const name of [
    'sidecar.isto.io/inject',
    'proxy.itsio.io/config',
    'sidecar.istio.com/x',
    'Istio-Injection',
  ])
    t.equal(looksLikeIstio(name), true, name)
})

t.test('cached and evicted names give the same result', async (t) => {
  for (let i = 0; i < 2_500; i++)
    t.equal(looksLikeIstio(`x${i}.isto.io/${i}`) && !looksLikeIstio(`x${i}`), true)
})

t.test('nearer names win, and short names allow one edit', async (t) => {
  t.equal(
    nearestName('sidecar.istio.io/proxyCPULimits', sidecarAnnotations),
    'sidecar.istio.io/proxyCPULimit',
  )
  t.equal(nearestName('sidecar.istio.io/proxycpu', sidecarAnnotations), 'sidecar.istio.io/proxyCPU')
  t.equal(nearestName('istio.io/re', podLabels), 'istio.io/rev')
  t.equal(nearestName('istio.io/env', podLabels), undefined)
  t.equal(nearestName('istio-injecton', namespaceLabels), 'istio-injection')
  t.equal(nearestName('sidecar.istio.io/proxyDisk', sidecarAnnotations), undefined)
})

t.test('distances agree with the plain definition', async (t) => {
  const rows: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['', 'ab', 2],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['abc', 'ab', 1],
    ['abc', 'xbc', 1],
    ['kitten', 'sitting', 3],
  ]
  for (const [a, b, distance] of rows) {
    t.equal(editDistance(a, b, 9), distance, `${a} ${b}`)
    t.equal(editDistance(b, a, 9), distance, `${b} ${a}`)
    t.equal(editDistance(a, b, distance - 1) >= distance, true)
  }
})

t.test('every name that affects a sidecar is known', async (t) => {
  for (const name of sidecarAnnotations) t.ok(knownAnnotations.has(name), name)
  for (const name of [...namespaceLabels, ...podLabels]) t.ok(knownLabels.has(name), name)
})
