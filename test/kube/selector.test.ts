import t from 'tap'
import { compileSelector, type LabelSelector, labelsOf } from '../../src/kube/index.ts'

const labels = labelsOf(JSON.parse('{"app":"web","tier":"front","empty":"","odd":1,"__proto__":"p"}'))
const cases: readonly (readonly [name: string, selector: LabelSelector, matches: boolean])[] = [
  ['an empty selector matches everything', {}, true],
  ['a label of that value', { matchLabels: { app: 'web' } }, true],
  ['a label of another value', { matchLabels: { app: 'db' } }, false],
  ['all must match', { matchLabels: { app: 'web', tier: 'back' } }, false],
  ['an absent label is not the empty one', { matchLabels: { none: '' } }, false],
  ['an empty value', { matchLabels: { empty: '' } }, true],
  ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['db', 'web'] }] }, true],
  ['In without the label', { matchExpressions: [{ key: 'none', operator: 'In', values: ['a'] }] }, false],
  ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
  [
    'NotIn without the label',
    { matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['a'] }] },
    true,
  ],
  ['Exists', { matchExpressions: [{ key: 'empty', operator: 'Exists' }] }, true],
  ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist', values: [] }] }, false],
  ['what is no string is no label', { matchExpressions: [{ key: 'odd', operator: 'DoesNotExist' }] }, true],
  [
    'prototype names are absent',
    { matchExpressions: [{ key: 'constructor', operator: 'DoesNotExist' }] },
    true,
  ],
]
for (const [name, selector, matches] of cases) {
  t.test(name, async (t) => {
    t.equal(compileSelector(selector)(labels), matches)
  })
}

t.test('selectors match missing labels and labels in a Map', async (t) => {
  t.equal(compileSelector({ matchLabels: { a: 'b' } })(labelsOf(undefined)), false)
  t.equal(compileSelector({ matchLabels: { 'istio.io/rev': 'b' } })(new Map([['istio.io/rev', 'b']])), true)
})

const refused: readonly (readonly [name: string, selector: LabelSelector, path: string])[] = [
  ['a bad key', { matchLabels: { 'a b': '' } }, 'matchLabels[a b]'],
  ['a bad prefix', { matchLabels: { 'A.b/c': '' } }, 'matchLabels[A.b/c]'],
  ['an empty prefix', { matchLabels: { '/c': '' } }, 'matchLabels[/c]'],
  ['a second slash', { matchLabels: { 'a/b/c': '' } }, 'matchLabels[a/b/c]'],
  ['a long value', { matchLabels: { a: 'x'.repeat(64) } }, 'matchLabels[a]'],
  [
    'a long key',
    { matchExpressions: [{ key: 'x'.repeat(200), operator: 'Exists' }] },
    'matchExpressions[0].key',
  ],
  ['In without values', { matchExpressions: [{ key: 'a', operator: 'In' }] }, 'matchExpressions[0].values'],
  [
    'Exists with values',
    { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
    'matchExpressions[0].values',
  ],
  [
    'a bad value',
    { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b', '-'] }] },
    'matchExpressions[0].values[1]',
  ],
  [
    'an unknown operator',
    { matchExpressions: [{ key: 'a', operator: 'in' }] },
    'matchExpressions[0].operator',
  ],
]
for (const [name, selector, path] of refused) {
  t.test(`refused: ${name}`, async (t) => {
    t.throws(() => compileSelector(selector), { code: 'kube-selector', path })
  })
}
