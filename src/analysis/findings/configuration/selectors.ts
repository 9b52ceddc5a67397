/** Selectors of the injector configuration that decode, and select nothing or something else than what is written. */
import type { RevisionInputs } from '../../../inject/index.ts'
import { findLine, isObject, type JsonObject, type JsonValue, own } from '../../../json/index.ts'
import { nearestName } from '../../../nearest-name.ts'
import { few } from '../few.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml } from './texts.ts'

const LISTS = ['neverInjectSelector', 'alwaysInjectSelector'] as const
const SELECTOR = ['matchLabels', 'matchExpressions']
const REQUIREMENT = ['key', 'operator', 'values']

export const selectorsRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['selector-ineffective'],
  needs: [],
  find({ revision: { newest } }) {
    const text = newest?.injectorConfigMap.config
    const root = text === undefined ? null : readYaml(text)
    if (newest === undefined || !isObject(root)) return []
    return LISTS.flatMap((list) => {
      const selectors = own(root, list)
      return (Array.isArray(selectors) ? selectors : []).flatMap((selector: JsonValue, index) =>
        isObject(selector) ? ofSelector(selector, [list, index], newest) : [],
      )
    })
  },
}

type Path = readonly (string | number)[]

function ofSelector(selector: JsonObject, path: Path, inputs: RevisionInputs): readonly Finding[] {
  const expressions = own(selector, 'matchExpressions')
  const labels = own(selector, 'matchLabels')
  const isEmpty =
    !(Array.isArray(expressions) && expressions.length > 0) &&
    !(isObject(labels) && Object.keys(labels).length > 0)
  const unknown = Object.keys(selector).filter((key) => !isKnown(key, SELECTOR))
  const inExpressions = (Array.isArray(expressions) ? expressions : []).flatMap(
    (expression: JsonValue, index) =>
      isObject(expression)
        ? Object.keys(expression)
            .filter((key) => !isKnown(key, REQUIREMENT))
            .map((key) => {
              const at = [...path, 'matchExpressions', index, key]
              return finding(at, `${key} is not a field of a requirement`, probably(key, REQUIREMENT), inputs)
            })
        : [],
  )
  if (!isEmpty && unknown.length === 0) return inExpressions
  const first = unknown[0]
  const foreign =
    unknown.length === 0
      ? ''
      : `${few(unknown)} ${unknown.length === 1 ? 'is not a field' : 'are not fields'} of a label selector`
  const message = [foreign, isEmpty ? 'the selector is empty and is ignored' : '']
    .filter((part) => part !== '')
    .join(', so ')
  const expected =
    first === undefined
      ? 'matchLabels or matchExpressions'
      : isKnown(first, REQUIREMENT)
        ? `${few(unknown)} in an item of matchExpressions of the same selector`
        : probably(first, SELECTOR)
  return [finding(first === undefined ? path : [...path, first], message, expected, inputs), ...inExpressions]
}

/** Go matches keys in any case. */
function isKnown(key: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === key.toLowerCase())
}

function probably(key: string, names: readonly string[]): string {
  const meant = nearestName(key, names)
  return meant === undefined ? names.join(', ') : `probably ${meant}`
}

function finding(path: Path, message: string, expected: string, inputs: RevisionInputs): Finding {
  const line = findLine(inputs.injectorConfigMap.config ?? '', path)
  const shown = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return makeFinding('selector-ineffective', {
    revision: inputs.name,
    where: {
      ...placeOfKey(inputs, 'config'),
      path: shown.slice(1),
      ...(line === undefined ? {} : { line }),
    },
    message,
    expected,
  })
}
