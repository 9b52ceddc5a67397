/** Problems in the mesh configuration that Istio silently ignores. configuration.ts checks whether it is accepted. */

import type { RevisionInputs } from '../../../inject/index.ts'
import { type FieldRemark, meshConfigMessage, protoSchemaFor, remarkFields } from '../../../istio/index.ts'
import { findLine } from '../../../json/index.ts'
import { type Finding, type FindingFacts, makeFinding } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { placeOfKey, readYaml } from './texts.ts'

/** Also for a refused configuration, because a misspelt name is often the reason. */
export const meshRule: Rule<'configuration'> = {
  subject: 'configuration',
  codes: ['mesh-config-missing', 'mesh-field-unknown', 'setting-deprecated'],
  needs: [],
  find({ revision: { newest: inputs, versionWarnings = [] } }) {
    if (inputs === undefined) return []
    const { mesh } = inputs.meshConfigMap
    if (mesh === undefined) return [missing(inputs)]
    // The fields of a release that is newer than known are not all known.
    const severity = versionWarnings.length > 0 ? 'note' : undefined
    const remarks = remarkFields(protoSchemaFor(inputs.version), meshConfigMessage, readYaml(mesh))
    return remarks.map((remark) => fromRemark(remark, inputs, severity))
  },
}

function missing(inputs: RevisionInputs): Finding {
  return makeFinding('mesh-config-missing', {
    revision: inputs.name,
    where: placeOfKey(inputs, 'mesh'),
    message: 'the ConfigMap or the key is missing',
    expected: 'the mesh configuration of this revision',
  })
}

function fromRemark(
  remark: FieldRemark,
  inputs: RevisionInputs,
  severity: FindingFacts['severity'],
): Finding {
  const line = findLine(inputs.meshConfigMap.mesh ?? '', remark.path)
  const { code, message, expected } = describeRemark(remark, inputs.version.text)
  return makeFinding(code === 'unknown' ? 'mesh-field-unknown' : 'setting-deprecated', {
    revision: inputs.name,
    where: {
      ...placeOfKey(inputs, 'mesh'),
      path: remark.path.join('.'),
      ...(line === undefined ? {} : { line }),
    },
    message,
    expected,
    severity: code === 'unknown' ? severity : undefined,
  })
}

/** What a remark says about a field; the caller knows the text that contains the field. */
export function describeRemark(
  { kind, path, meant, since, until, instead }: FieldRemark,
  version: string,
): { readonly code: 'unknown' | 'deprecated'; readonly message: string; readonly expected: string } {
  const name = String(path.at(-1))
  switch (kind) {
    case 'unknown':
      return {
        code: 'unknown',
        message: `Istio ${version} has no field ${name} there${since === undefined ? '' : `; 1.${since} has`}`,
        expected: meant === undefined ? 'a documented field' : `probably ${meant}`,
      }
    case 'removed':
      return {
        code: 'deprecated',
        message: `${name} was removed in Istio 1.${until} and is ignored`,
        expected: 'no such setting',
      }
    case 'deprecated':
      return { code: 'deprecated', message: `${name} is deprecated`, expected: instead ?? '' }
  }
}
