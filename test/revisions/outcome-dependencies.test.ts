import t from 'tap'
import { Kubelets, type Snapshot } from '../../src/inject/index.ts'
import { changedProxyConfigs, sameDependencies } from '../../src/revisions/index.ts'
import { revision, snapshotOf } from '../inject/revision-fixture.ts'

const base = snapshotOf(revision())
const changed = (facts: Partial<Snapshot>): Snapshot => ({ ...base, ...facts })
const other = { name: 'canary', namespace: 'istio-system', config: undefined }

t.test('equal dependencies count as unchanged, whatever objects contain them', async (t) => {
  const facts = { labels: new Map(), annotations: new Map() }
  for (const same of [
    changed({}),
    changed({ tags: new Map(), nodes: new Kubelets(base.nodes.versions), proxyConfigs: new Map() }),
    changed({ nodes: new Kubelets([...base.nodes.versions, ['n2', 'v1.30.0']]) }),
    changed({ namespaces: new Map([['other', facts]]), problems: [{ code: 'x', message: 'y' }] }),
    changed({ revisions: snapshotOf(revision()).revisions }),
  ]) {
    t.equal(sameDependencies(base, same), true)
  }
})

t.test('a change of any dependency is noticed', async (t) => {
  for (const different of [
    changed({ tags: new Map([['prod', 'default']]) }),
    changed({ revisions: new Map([...base.revisions, ['canary', other]]) }),
    changed({ revisions: new Map([['canary', other]]) }),
    changed({ enableNamespacesByDefault: true }),
  ]) {
    t.equal(sameDependencies(base, different), false)
    t.equal(sameDependencies(different, base), false)
  }
})

t.test('ProxyConfigs of one namespace do not affect others', async (t) => {
  const [one, two] = [{ a: 1 } as never, { a: 1 } as never] // only their identity is looked at
  const both = changed({ proxyConfigs: new Map([['shop', [one, two]]]) })
  const changes = (proxyConfigs: Snapshot['proxyConfigs'], from = both): readonly string[] => {
    const other = changed({ proxyConfigs })
    t.equal(sameDependencies(from, other), true)
    t.same(changedProxyConfigs(other, from), changedProxyConfigs(from, other))
    return [...changedProxyConfigs(from, other)].sort()
  }
  t.same(changes(both.proxyConfigs), [])
  t.same(changes(new Map([['shop', [one, two]]])), [])
  t.same(changes(new Map([['shop', [two, one]]])), ['shop'], 'the first one wins')
  t.same(changes(new Map([['shop', [one]]])), ['shop'])
  t.same(changes(new Map()), ['shop'])
  t.same(changes(new Map([['bank', [one]]])), ['bank', 'shop'])
  t.same(
    changes(
      new Map([
        ['shop', [one, two]],
        ['bank', [one]],
      ]),
    ),
    ['bank'],
  )
})
