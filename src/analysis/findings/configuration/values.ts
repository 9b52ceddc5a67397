/** Problems in the key `values` and in the names of the key `config`. configuration.ts checks whether they decode. */

import type { RevisionInputs } from '../../../inject/index.ts'
import { injectorConfigKeys, protoSchemaFor, remarkFields, valuesMessage } from '../../../istio/index.ts'
import { findLine, isObject, type JsonObject, type JsonValue, own } from '../../../json/index.ts'
import { nearestName } from '../../../nearest-name.ts'
import { type Finding, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml } from './texts.ts'

export const valuesRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['key-misspelt', 'values-revision-disagrees'],
  needs: [],
  find({ revision: { newest: inputs, versionWarnings = [] } }) {
    if (inputs === undefined) return []
    const values = readYaml(inputs.injectorConfigMap.values ?? '')
    return [
      ...misspeltConfigKeys(inputs),
      ...(isObject(values)
        ? [...misspeltValues(values, inputs, versionWarnings.length === 0), ...otherRevision(values, inputs)]
        : []),
    ]
  },
}

/**
 * Where Istio's schema of the values has all keys that its charts and templates know below the second level. Elsewhere it
 * does not match them: `global.waypoint.tolerations` has another name there.
 */
const COMPLETE_BELOW: readonly string[] = [
  'global.istiod',
  'global.logging',
  'global.multiCluster',
  'global.proxy',
  'global.proxy_init',
  'global.sds',
  'global.sts',
  'pilot.cni',
]

/**
 * Unknown keys are common there and harmless, so only those close to a known one are reported; and only where the schema
 * is complete and no template mentions them.
 */
function misspeltValues(
  values: JsonObject,
  inputs: RevisionInputs,
  isKnownVersion: boolean,
): readonly Finding[] {
  const text = inputs.injectorConfigMap.values ?? ''
  const words = new Set(inputs.injectorConfigMap.config?.match(/\w+/g))
  return remarkFields(protoSchemaFor(inputs.version), valuesMessage, values).flatMap(
    ({ kind, path, meant, since }) => {
      if (kind !== 'unknown' || meant === undefined || since !== undefined) return []
      const isDeep = path.length > 2
      if (isDeep && !(isKnownVersion && COMPLETE_BELOW.includes(path.slice(0, 2).join('.')))) return []
      if (isDeep && words.has(String(path.at(-1)))) return []
      const parent = parentOf(values, path)
      // Both keys exist, so this one is not a misspelling.
      if (isObject(parent) && own(parent, meant) !== undefined) return []
      return [misspelt({ inputs, key: 'values', path, meant, line: findLine(text, path) })]
    },
  )
}

function parentOf(values: JsonObject, path: readonly (string | number)[]): JsonValue | undefined {
  let parent: JsonValue | undefined = values
  for (const step of path.slice(0, -1)) parent = isObject(parent) ? own(parent, String(step)) : undefined
  return parent
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
