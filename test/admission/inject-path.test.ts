import fc from 'fast-check'
import t from 'tap'
import { parseInjectPath } from '../../src/admission/index.ts'

function env(path: string): { readonly [key: string]: string } | undefined {
  const parsed = parseInjectPath(path)
  return parsed === undefined ? undefined : Object.fromEntries(parsed.proxyEnv)
}

t.test('the path names the target', async (t) => {
  t.same(parseInjectPath('/inject')?.target, { by: 'labels' })
  t.same(parseInjectPath('/inject?timeout=10s')?.target, { by: 'labels' })
  t.same(parseInjectPath('/revisions/canary/inject')?.target, { by: 'revision', name: 'canary' })
  t.same(parseInjectPath('/tags/prod/inject/cluster/c1?timeout=10s')?.target, { by: 'tag', name: 'prod' })
  t.same(parseInjectPath('/revisions/a%2Fb/inject')?.target, { by: 'revision', name: 'a/b' })
  t.same(parseInjectPath('/revisions/inject/inject')?.target, { by: 'revision', name: 'inject' })
  for (const path of [
    '',
    '/',
    '/injectx',
    '/Inject',
    'inject',
    '/revisions//inject',
    '/revisions/a',
    '/tags/a/b/inject',
    '//inject',
  ]) {
    t.equal(parseInjectPath(path), undefined, path)
  }
})

t.test('the environment in the path is read as in Istio', async (t) => {
  const rows: readonly (readonly [string, { readonly [key: string]: string }])[] = [
    ['/inject', {}],
    ['/inject/', {}],
    ['/inject/cluster/c1/net/n1', { ISTIO_META_CLUSTER_ID: 'c1', ISTIO_META_NETWORK: 'n1' }],
    ['/inject/cluster/c1/net/n1/', { ISTIO_META_CLUSTER_ID: 'c1', ISTIO_META_NETWORK: 'n1' }],
    ['/tags/x/inject/net/n1', { ISTIO_META_NETWORK: 'n1' }],
    ['/inject/foo/bar/odd', { FOO: 'bar' }],
    ['/inject/odd', {}],
    ['/inject/path/a--slash--b', { PATH: 'a/b' }],
    ['/inject/a--slash--b/c', { 'A--SLASH--B': 'c' }],
    ['/inject/CLUSTER/x', { CLUSTER: 'x' }],
    ['/inject/cluster//net/n', { ISTIO_META_CLUSTER_ID: '', ISTIO_META_NETWORK: 'n' }],
    ['/inject//a/b', {}],
    ['/inject/a/b//', { A: 'b' }],
    ['/inject/a//', { A: '' }],
    ['/inject/a/1/A/2', { A: '2' }],
    ['/inject/a/x%20y', { A: 'x y' }],
    ['/inject/a%20b/c%2Fd', { 'A B': 'c' }],
    ['/inject/%3AENV%3Aa=b', { A: 'b' }],
    ['/inject/a/100%25', { A: '100%' }],
    ['/inject/a/100%', { A: '100%' }],
    ['/inject/a/x%ff%C3%A4%zz', { A: 'x\ufffdä%zz' }],
    ['/inject/stra%C3%9Fe/x', { STRAßE: 'x' }],
    ['/inject/:ENV:x=1:ENV:=2:ENV:y', { X: '1' }],
    ['/inject/:ENV:net=n1:ENV:cluster=', { ISTIO_META_NETWORK: 'n1', ISTIO_META_CLUSTER_ID: '' }],
    ['/inject/:ENV:a=b/c=d', { A: 'b/c=d' }],
    ['/inject/:ENV:a=--slash--', { A: '--slash--' }],
    ['/inject/:ENV:', {}],
    ['/inject/x/:ENV:a=b', { X: ':ENV:a=b' }],
  ]
  for (const [path, expected] of rows) t.same(env(path), expected, path)
})

t.test('names of the prototype are ordinary names', async (t) => {
  const parsed = parseInjectPath('/inject/__proto__/a/constructor/b')
  t.same(
    [...(parsed?.proxyEnv ?? [])],
    [
      ['__PROTO__', 'a'],
      ['CONSTRUCTOR', 'b'],
    ],
  )
})

t.test('never throws, whatever the path', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseInjectPath(text)
      parseInjectPath(`/inject/${text}`)
      parseInjectPath(`/revisions/${text}/inject`)
    }),
    { numRuns: 300 },
  )
})
