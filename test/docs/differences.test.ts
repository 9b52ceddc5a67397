import { readFileSync } from 'node:fs'
import t from 'tap'
import { SERVE_OPTIONS } from '../../src/config/index.ts'
import { sprigFunctions } from '../../src/gotemplate/index.ts'
import { isCode } from '../../src/inject/index.ts'
import { differenceReasons } from '../conformance/istio-differences.ts'
import { RANDOM_IN_ISTIO } from '../conformance/random-in-istio.ts'
import { FUNCTION_REFUSED } from '../conformance/template-cases.ts'

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')

t.test('the page lists exactly the explained differences of the conformance runner', async (t) => {
  const listed = page.slice(page.indexOf('## Named differences')).match(/^- .*$/gm) ?? []
  const named = [...differenceReasons, RANDOM_IN_ISTIO, FUNCTION_REFUSED].map((reason) => `- ${reason}`)
  t.same(listed.sort(), named.sort())
})

t.test('every refused function is named', async (t) => {
  const refused = Object.entries(sprigFunctions()).flatMap(([name, { refused }]) => (refused ? [name] : []))
  t.ok(refused.length > 10)
  for (const name of refused) t.ok(page.includes(`\`${name}\``), name)
})

t.test('every budget is named with its option and default', async (t) => {
  const budgets = Object.entries<object>(SERVE_OPTIONS).filter(([name]) => name.startsWith('template-max-'))
  t.equal(budgets.length, 4)
  for (const [name, option] of budgets) {
    t.match(
      page,
      new RegExp(`\\| \`--${name}\` \\| ${'defaultText' in option ? option.defaultText : ''} \\|`),
    )
  }
})

t.test('the codes on the page exist', async (t) => {
  const spoken = Array.from(page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g), ([, code = '']) => code)
  t.ok(spoken.length > 8)
  for (const code of spoken) t.ok(isCode(code), code)
})
