import t from 'tap'
import { compileSelector, parseSelectorText } from '../../src/kube/index.ts'

const matches = (selector: string, labels: object) =>
  compileSelector(parseSelectorText(selector))(new Map(Object.entries(labels)))

t.test('selectors are parsed as kubectl parses them', async (t) => {
  const rows: readonly (readonly [string, object, boolean])[] = [
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'web' }, true],
    ['app=web', { app: 'db' }, false],
    ['app!=web', {}, true],
    ['app!=web,tier', { app: 'db', tier: '' }, true],
    ['env in (a, b)', { env: 'b' }, true],
    ['env notin (a,b),app=web', { app: 'web' }, true],
    ['env notin (a,b)', { env: 'a' }, false],
    ['!canary', {}, true],
    ['! canary', { canary: '' }, false],
    ['istio.io/rev = 1-29-2', { 'istio.io/rev': '1-29-2' }, true],
    ['app=', { app: '' }, true],
  ]
  for (const [selector, labels, expected] of rows) t.equal(matches(selector, labels), expected, selector)
})

t.test('an invalid selector is an error with examples of valid ones', async (t) => {
  for (const text of ['', 'a b', 'a=b=c', 'a in b', 'a,,b', 'a in ()', '-a=b', 'in (a)'])
    t.throws(() => matches(text, {}), { code: 'kube-selector' }, text)
  t.throws(() => parseSelectorText('a b'), {
    message: /"a b" is not a requirement; expected requirements such as app=web/,
  })
})
