/** Problems in the key `values` and in the names of the key `config`. configuration.ts checks whether they decode. */

import type { RevisionInputs } from '../../../inject/index.ts'
import { injectorConfigKeys, protoSchemaFor, remarkFields, valuesMessage } from '../../../istio/index.ts'
import { findLine, isObject, type JsonObject, own } from '../../../json/index.ts'
import { nearestName } from '../../../nearest-name.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml } from './texts.ts'

export const valuesRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['key-misspelt', 'values-revision-disagrees'],
  needs: [],
  find({ revision: { newest: inputs } }) {
    if (inputs === undefined) return []
    const values = readYaml(inputs.injectorConfigMap.values ?? '')
    return [
      ...misspeltConfigKeys(inputs),
      ...(isObject(values) ? [...misspeltValues(values, inputs), ...otherRevision(values, inputs)] : []),
    ]
  },
}

/**
 * Unknown keys are common there and harmless, so only those close to a known one are reported; and only in the first
 * two levels, because further down Istio's schema of the values does not match its charts.
 */
function misspeltValues(values: JsonObject, inputs: RevisionInputs): readonly Finding[] {
  const text = inputs.injectorConfigMap.values ?? ''
  return remarkFields(protoSchemaFor(inputs.version), valuesMessage, values).flatMap(
    ({ kind, path, meant, since }) => {
      if (kind !== 'unknown' || meant === undefined || since !== undefined || path.length > 2) return []
      const parent = path.length === 1 ? values : own(values, String(path[0]))
      // Both exist: the other one is a key of its own.
      if (isObject(parent) && own(parent, meant) !== undefined) return []
      return [misspelt({ inputs, key: 'values', path, meant, line: findLine(text, path) })]
    },
  )
}

function misspeltConfigKeys(inputs: RevisionInputs): readonly Finding[] {
  const text = inputs.injectorConfigMap.config ?? ''
  const root = readYaml(text)
  if (!isObject(root)) return []
  // Go matches them case-insensitively.
  const known = new Set(injectorConfigKeys.map((name) => name.toLowerCase()))
  return Object.keys(root).flatMap((key) => {
    const meant = known.has(key.toLowerCase()) ? undefined : nearestName(key, injectorConfigKeys)
    if (meant === undefined || own(root, meant) !== undefined) return []
    return [misspelt({ inputs, key: 'config', path: [key], meant, line: findLine(text, [key]) })]
  })
}

interface Misspelling {
  readonly inputs: RevisionInputs
  readonly key: 'config' | 'values'
  readonly path: readonly (string | number)[]
  readonly meant: string
  readonly line: number | undefined
}

function misspelt({ inputs, key, path, meant, line }: Misspelling): Finding {
  return makeFinding('key-misspelt', {
    revision: inputs.name,
    where: { ...placeOfKey(inputs, key), path: path.join('.'), ...(line === undefined ? {} : { line }) },
    message: `${path.at(-1)} is not a key that Istio reads there`,
    expected: meant,
    fix: `Rename it to ${meant}, or remove it.`,
  })
}

/** Istio's templates derive `istiod-<revision>` from it. */
function otherRevision(values: JsonObject, inputs: RevisionInputs): readonly Finding[] {
  const { name } = inputs
  const revision = own(values, 'revision')
  if (typeof revision !== 'string' || (revision || 'default') === name) return []
  const line = findLine(inputs.injectorConfigMap.values ?? '', ['revision'])
  return [
    makeFinding('values-revision-disagrees', {
      revision: name,
      where: {
        ...placeOfKey(inputs, 'values'),
        path: 'revision',
        ...(line === undefined ? {} : { line }),
      },
      message: `revision is ${JSON.stringify(revision)}, but the ConfigMap is of revision ${name}`,
      expected: name === 'default' ? 'no revision, or default' : name,
    }),
  ]
}
