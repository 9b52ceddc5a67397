/** Label selectors as kubectl's `-l` writes them: `app=web,tier!=db,env in (a,b),!canary`. */
import { KubeError } from './error.ts'
import type { LabelSelector, LabelSelectorRequirement } from './selector.ts'

const EXPECTED =
  'expected requirements such as app=web, tier!=db, env in (a,b), canary or !canary, with commas between them'

/** @throws KubeError kube-selector where the text is none; keys and values are checked by `compileSelector` */
export function parseSelectorText(text: string): LabelSelector {
  return { matchExpressions: splitRequirements(text).map(parseRequirement) }
}

/** At commas outside parentheses. One pass, so that the work is linear in the text. */
function splitRequirements(text: string): readonly string[] {
  const parts: string[] = []
  let [start, open] = [0, false]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '(') open = true
    else if (character === ')') open = false
    else if (character === ',' && !open) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}

function parseRequirement(text: string): LabelSelectorRequirement {
  const equality = /^([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/.exec(text)
  if (equality !== null) {
    const [, key = '', operator, value = ''] = equality
    return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: [value] }
  }
  const set = /^([^\s=!,()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text)
  if (set !== null) {
    const [, key = '', operator, values = ''] = set
    return {
      key,
      operator: operator === 'in' ? 'In' : 'NotIn',
      // `in ()` has none, which is an error; `in (a,)` has an empty one.
      values: values.trim() === '' ? [] : values.split(',').map((value) => value.trim()),
    }
  }
  const existence = /^(!?)\s*([^\s=!,()]+)$/.exec(text)
  if (existence === null)
    throw new KubeError('kube-selector', `${JSON.stringify(text)} is not a requirement; ${EXPECTED}`, '')
  const [, not, key = ''] = existence
  return { key, operator: not === '!' ? 'DoesNotExist' : 'Exists' }
}
